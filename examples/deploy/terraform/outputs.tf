output "function_arn" {
  value = aws_lambda_function.function.arn
}

output "url" {
  value = one(aws_lambda_function_url.url[*].function_url)
}
