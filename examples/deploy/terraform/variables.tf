variable "form" {
  description = "What to deploy as: zip (bootstrap is in it), layer (bootstrap comes from one), or image"
  type        = string
  default     = "zip"

  validation {
    condition     = contains(["zip", "layer", "image"], var.form)
    error_message = "The form is zip, layer or image."
  }
}

variable "function_name" {
  type = string
}

variable "role_arn" {
  description = "The role that the function runs as"
  type        = string
}

variable "handler" {
  description = "As for forklift invoke, from the function's folder; of an image, instead of its CMD"
  type        = string
  default     = null
}

variable "function_zip" {
  description = "What forklift package made, for the form layer --without-bootstrap"
  type        = string
  default     = "function.zip"
}

variable "layer_zip" {
  description = "What forklift package --layer made, for the form layer"
  type        = string
  default     = "forklift-layer.zip"
}

variable "image_uri" {
  description = "An image in Amazon ECR, for the form image"
  type        = string
  default     = null
}

variable "architecture" {
  type    = string
  default = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "memory_size" {
  description = "In megabytes"
  type        = number
  default     = 128
}

variable "timeout" {
  description = "In seconds"
  type        = number
  default     = 10
}

variable "layer_arns" {
  description = "More layers, such as one with an interpreter"
  type        = list(string)
  default     = []
}

variable "url_auth" {
  description = "A function URL for signed requests (AWS_IAM), for anybody (NONE), or none (null)"
  type        = string
  default     = null

  validation {
    condition     = contains(["AWS_IAM", "NONE"], coalesce(var.url_auth, "NONE"))
    error_message = "The URL's authorization is AWS_IAM or NONE."
  }
}
