#!/bin/sh
# deploy.sh FORM ...: makes a Lambda function with the AWS CLI, or brings the one of that name up to date.
set -eu

help() {
  cat <<'HELP'
deploy.sh zip   --name NAME --role ARN --handler HANDLER [OPTION...] FOLDER
deploy.sh layer --name NAME --role ARN --handler HANDLER [OPTION...] FOLDER
deploy.sh image --name NAME --role ARN [--handler HANDLER] [OPTION...] IMAGE

Makes the Lambda function NAME, or brings it up to date where it exists:
  zip     FOLDER in a zip, with bootstrap in it
  layer   FOLDER in a zip; bootstrap comes from a layer, which is published where it is not yet
  image   IMAGE, which has been pushed to Amazon ECR: 123456789012.dkr.ecr.REGION.amazonaws.com/NAME:TAG

  --name NAME          the function's name
  --role ARN           the role that the function runs as; none is made here
  --handler HANDLER    as for forklift invoke, from FOLDER; of an image, instead of its CMD
  --arch ARCH          x86_64 (default) or arm64
  --memory MB          128 to 10240 (default: 128)
  --timeout SECONDS    1 to 900 (default: 10)
  --url AUTH           a function URL: AWS_IAM for signed requests, NONE for anybody
  --layer ARN          one more layer, such as one with an interpreter; may be repeated (not with image)
  --layer-name NAME    the layer that bootstrap comes from (default: forklift-ARCH; only with layer)

Needs the AWS CLI, with credentials and a region, and for zip and layer forklift on PATH.
Variable ENDPOINT_URL: where the Lambda API is, if not at AWS.
HELP
}

wrong() {
  echo "deploy.sh: $1" >&2
  echo "deploy.sh: deploy.sh --help lists the options" >&2
  exit 2
}

fail() {
  echo "deploy.sh: $1" >&2
  exit 1
}

say() { echo "deploy.sh: $1" >&2; }

need_tool() { command -v "$1" >/dev/null || fail "there is no $1 on PATH; $2"; }

need_number() {
  case $2 in '' | *[!0-9]* | ??????*) wrong "$1 is a number from $3 to $4, not \"$2\"" ;; esac
  { [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; } || wrong "$1 is a number from $3 to $4, not $2"
}

read_arguments() {
  name='' role='' handler='' arch=x86_64 memory=128 timeout=10 url='' layers='' layer_name='' source=''
  case ${1-} in
    zip | layer | image) form=$1 ;;
    -h | --help) help; exit 0 ;;
    '') wrong "say what to deploy as: zip, layer or image" ;;
    *) wrong "\"$1\" is neither zip, layer nor image" ;;
  esac
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) help; exit 0 ;;
      --*) [ $# -gt 1 ] || wrong "$1 is without a value, or there is no such option" ;;
      *) [ -z "$source" ] || wrong "\"$1\" is one argument too many after \"$source\""; source=$1; shift; continue ;;
    esac
    case $1 in
      --name) name=$2 ;;
      --role) role=$2 ;;
      --handler) handler=$2 ;;
      --arch) arch=$2 ;;
      --memory) memory=$2 ;;
      --timeout) timeout=$2 ;;
      --url) url=$2 ;;
      --layer) layers="$layers $2" ;;
      --layer-name) layer_name=$2 ;;
      *) wrong "there is no option $1" ;;
    esac
    shift 2
  done
}

check_arguments() {
  [ -n "$name" ] || wrong "--name NAME is missing"
  case $role in
    arn:*:iam::*:role/*) ;;
    '') wrong "--role ARN is missing: the role that the function runs as" ;;
    *) wrong "--role is the ARN of a role, arn:aws:iam::123456789012:role/NAME, not \"$role\"" ;;
  esac
  case $handler in *[[:space:]\"\\]*) wrong "Lambda allows no blanks, quotes and backslashes in a handler: \"$handler\"" ;; esac
  case $arch in x86_64 | arm64) ;; *) wrong "--arch is x86_64 or arm64, not \"$arch\"" ;; esac
  need_number --memory "$memory" 128 10240
  need_number --timeout "$timeout" 1 900
  case $url in '' | AWS_IAM | NONE) ;; *) wrong "--url is AWS_IAM or NONE, not \"$url\"" ;; esac
  if [ "$form" = image ]; then
    [ -z "$layers" ] || wrong "--layer is for zip and layer: an image has everything in it"
    case $source in *.dkr.ecr.*/*) ;; *) wrong "an image is named as it is in Amazon ECR, not \"$source\"" ;; esac
  else
    [ -n "$handler" ] || wrong "--handler HANDLER is missing"
    [ -n "$source" ] || wrong "the function's FOLDER is missing"
    [ -d "$source" ] || wrong "\"$source\" is not a folder"
  fi
  [ "$form" = layer ] || [ -z "$layer_name" ] || wrong "--layer-name is only for layer"
  layer_name=${layer_name:-forklift-$arch}
}

check_tools() {
  need_tool aws "install the AWS CLI"
  [ "$form" = image ] || need_tool forklift "install Forklift, or put its build folder on PATH"
  [ "$form" != layer ] || need_tool sha256sum "install the coreutils"
  [ "$url" != NONE ] || lambda add-permission --generate-cli-skeleton | grep -q InvokedViaFunctionUrl ||
    fail "this AWS CLI cannot open a function URL for anybody: it does not know --invoked-via-function-url; a newer one does"
}

lambda() { aws ${ENDPOINT_URL:+--endpoint-url "$ENDPOINT_URL"} --output text lambda "$@"; }

# unless ERROR COMMAND...: true when the command did its work, false when it failed with that error of
# Lambda's; with any other error this is the end.
unless() {
  expected=$1
  shift
  if "$@" >"$work/output" 2>"$work/errors"; then return 0; fi
  grep -q "($expected)" "$work/errors" && return 1
  cat "$work/errors" >&2
  fail "\"$*\" failed"
}

# with_settings COMMAND: what a new function and an old one are told alike.
with_settings() {
  set -- "$@" --function-name "$name" --role "$role" --memory-size "$memory" --timeout "$timeout"
  if [ "$form" = image ]; then
    config='{}'
    [ -z "$handler" ] || config="{\"Command\": [\"$handler\"]}"
    set -- "$@" --image-config "$config"
  else
    # shellcheck disable=SC2086 # a list of words
    set -- "$@" --runtime provided.al2023 --handler "$handler" --layers ${layers:-[]}
  fi
  lambda "$@" >/dev/null
}

# The same files make the same zip, so that the layer's description tells whether it is there already.
publish_layer() {
  forklift package --layer --arch "$arch" -o "$work/forklift-layer.zip"
  sum=$(sha256sum "$work/forklift-layer.zip")
  description="Forklift for $arch, SHA-256 ${sum%% *}"
  layer=None
  if unless ResourceNotFoundException lambda list-layer-versions --no-paginate --layer-name "$layer_name" \
    --query "LayerVersions[?Description=='$description'] | [0].LayerVersionArn"; then
    layer=$(cat "$work/output")
  fi
  if [ "$layer" = None ]; then
    say "publishing the layer $layer_name"
    layer=$(lambda publish-layer-version --layer-name "$layer_name" --description "$description" \
      --compatible-runtimes provided.al2023 --compatible-architectures "$arch" \
      --zip-file "fileb://$work/forklift-layer.zip" --query LayerVersionArn)
  fi
  layers="$layer$layers"
}

# put COMMAND: creates a function from the code there is, or gives that code to an old one.
put() {
  set -- "$@" --architectures "$arch"
  if [ "$form" != image ]; then
    set -- "$@" --zip-file "fileb://$work/function.zip"
  elif [ "$1" = create-function ]; then
    set -- "$@" --package-type Image --code "ImageUri=$source"
  else
    set -- "$@" --image-uri "$source"
  fi
  if [ "$1" = create-function ]; then with_settings "$@"; else lambda "$@" --function-name "$name" >/dev/null; fi
}

update() {
  case "$form $(cat "$work/output")" in
    "image Image" | "zip Zip" | "layer Zip") ;;
    *) fail "$name is there, with code of the type $(cat "$work/output"), which Lambda does not change; delete it or take another name" ;;
  esac
  say "updating $name"
  lambda wait function-updated-v2 --function-name "$name"
  put update-function-code
  lambda wait function-updated-v2 --function-name "$name"
  with_settings update-function-configuration
  lambda wait function-updated-v2 --function-name "$name"
}

create() {
  say "creating $name"
  put create-function
  lambda wait function-active-v2 --function-name "$name"
}

# allow STATEMENT OPTION...: for anybody, where that is not so already.
allow() {
  statement=$1
  shift
  unless ResourceConflictException lambda add-permission --function-name "$name" --statement-id "$statement" \
    --principal '*' "$@" || :
}

forbid() {
  unless ResourceNotFoundException lambda remove-permission --function-name "$name" --statement-id "$1" || :
}

# Who may call the URL: anybody needs both permissions, a signed request has those of who signed it.
permit() {
  if [ "$url" = NONE ]; then
    allow forklift-url --action lambda:InvokeFunctionUrl --function-url-auth-type NONE
    allow forklift-url-invoke --action lambda:InvokeFunction --invoked-via-function-url
  else
    forbid forklift-url
    forbid forklift-url-invoke
  fi
}

give_url() {
  command=update-function-url-config
  unless ResourceNotFoundException lambda get-function-url-config --function-name "$name" ||
    command=create-function-url-config
  lambda "$command" --function-name "$name" --auth-type "$url" --query FunctionUrl
  permit
}

read_arguments "$@"
check_arguments
# No pager, which would wait for a key.
export AWS_PAGER=
check_tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

case $form in
  zip) forklift package "$source" -o "$work/function.zip" --arch "$arch" --handler "$handler" ;;
  layer)
    forklift package "$source" -o "$work/function.zip" --arch "$arch" --handler "$handler" --without-bootstrap
    publish_layer
    ;;
esac
if unless ResourceNotFoundException lambda get-function --function-name "$name" --query Configuration.PackageType; then
  update
else
  create
fi
[ -z "$url" ] || give_url
say "$name is ready"
