locals {
  is_image = var.form == "image"
  layers   = concat(aws_lambda_layer_version.forklift[*].arn, var.layer_arns)
}

resource "aws_lambda_layer_version" "forklift" {
  count = var.form == "layer" ? 1 : 0

  layer_name               = "forklift-${var.architecture}"
  description              = "Forklift for ${var.architecture}"
  filename                 = var.layer_zip
  source_code_hash         = filebase64sha256(var.layer_zip)
  compatible_runtimes      = ["provided.al2023"]
  compatible_architectures = [var.architecture]
}

resource "aws_lambda_function" "function" {
  function_name = var.function_name
  role          = var.role_arn
  architectures = [var.architecture]
  memory_size   = var.memory_size
  timeout       = var.timeout

  package_type     = local.is_image ? "Image" : "Zip"
  image_uri        = local.is_image ? var.image_uri : null
  runtime          = local.is_image ? null : "provided.al2023"
  handler          = local.is_image ? null : var.handler
  filename         = local.is_image ? null : var.function_zip
  source_code_hash = local.is_image ? null : filebase64sha256(var.function_zip)
  layers           = local.is_image ? null : local.layers

  dynamic "image_config" {
    for_each = local.is_image && var.handler != null ? [var.handler] : []

    content {
      command = [image_config.value]
    }
  }

  lifecycle {
    precondition {
      condition     = local.is_image ? var.image_uri != null : var.handler != null
      error_message = "An image needs image_uri; a zip, with a layer or without, needs handler."
    }
  }
}

resource "aws_lambda_function_url" "url" {
  count = var.url_auth == null ? 0 : 1

  function_name      = aws_lambda_function.function.function_name
  authorization_type = var.url_auth
}

# Anybody needs both permissions. The provider gives them only where it makes the URL, not where an old
# one is opened.
resource "aws_lambda_permission" "url" {
  count = var.url_auth == "NONE" ? 1 : 0

  function_name          = aws_lambda_function.function.function_name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "invoke" {
  count = var.url_auth == "NONE" ? 1 : 0

  function_name            = aws_lambda_function.function.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
}
