terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The first whose aws_lambda_permission has invoked_via_function_url.
      version = ">= 6.29"
    }
  }
}
