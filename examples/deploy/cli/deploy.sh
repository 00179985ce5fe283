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
  layer   FOLDER in a zip; bootstrap comes from a layer, which is published where it is not yet: one with
          Forklift alone, or that of --layer-zip
  image   IMAGE, which has been pushed to Amazon ECR: 123456789012.dkr.ecr.REGION.amazonaws.com/NAME:TAG

  --name NAME          the function's name
  --role ARN           the role that the function runs as; none is made here
  --handler HANDLER    as for forklift invoke, from FOLDER; of an image, instead of its CMD
  --arch ARCH          x86_64 (default) or arm64
  --memory MB          128 to 10240 (default: 128)
  --timeout SECONDS    1 to 900 (default: 10)
  --url AUTH           a function URL: AWS_IAM for signed requests, NONE for anybody
  --layer ARN          one more layer, such as one with an interpreter; may be repeated (not with image)
  --layer-zip FILE     a layer with bootstrap and more in it, such as lua-layer.zip (only with layer)
  --layer-name NAME    the layer that bootstrap comes from (default: forklift-ARCH, or FILE's name without
                       .zip; only with layer)
  --s3-bucket BUCKET   a bucket of the same region that zips go through: Lambda takes more than 50 MiB only so

Needs the AWS CLI, with credentials and a region, and for zip and layer forklift on PATH. What Lambda refuses
for the moment, such as a role that was just made, is tried again for a minute.
Variable ENDPOINT_URL: where the APIs of Lambda and S3 are, if not at AWS.
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
  name='' role='' handler='' arch=x86_64 memory=128 timeout=10 url='' layers='' layer_zip='' layer_name='' bucket='' source=''
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
      --layer-zip) layer_zip=$2 ;;
      --layer-name) layer_name=$2 ;;
      --s3-bucket) bucket=$2 ;;
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
    [ -z "$bucket" ] || wrong "--s3-bucket is for zip and layer: an image comes from Amazon ECR"
    case $source in *.dkr.ecr.*/*) ;; *) wrong "an image is named as it is in Amazon ECR, not \"$source\"" ;; esac
  else
    [ -n "$handler" ] || wrong "--handler HANDLER is missing"
    [ -n "$source" ] || wrong "the function's FOLDER is missing"
    [ -d "$source" ] || wrong "\"$source\" is not a folder"
  fi
  [ "$form" = layer ] || [ -z "$layer_name" ] || wrong "--layer-name is only for layer"
  case $bucket in *[!a-z0-9.-]*) wrong "a bucket's name has small letters, digits, . and - only, not \"$bucket\"" ;; esac
  [ "$form" = layer ] || [ -z "$layer_zip" ] || wrong "--layer-zip is only for layer"
  [ -z "$layer_zip" ] || [ -f "$layer_zip" ] || wrong "there is no file \"$layer_zip\", which --layer-zip names"
  [ -n "$layer_name" ] || [ -z "$layer_zip" ] || layer_name=$(basename "$layer_zip" .zip)
  layer_name=${layer_name:-forklift-$arch}
  case $layer_name in
    *[!A-Za-z0-9_-]*) wrong "a layer's name has letters, digits, - and _ only, not \"$layer_name\"; --layer-name takes another" ;;
  esac
}

check_tools() {
  need_tool aws "install the AWS CLI"
  [ "$form" = image ] || need_tool forklift "install Forklift, or put its build folder on PATH"
  [ "$form$bucket" = zip ] || [ "$form" = image ] || need_tool sha256sum "install the coreutils"
  [ "$url" != NONE ] || lambda add-permission --generate-cli-skeleton | grep InvokedViaFunctionUrl >/dev/null ||
    fail "this AWS CLI cannot open a function URL for anybody: it does not know --invoked-via-function-url; a newer one does"
}

call_aws() { aws ${ENDPOINT_URL:+--endpoint-url "$ENDPOINT_URL"} --output text "$@"; }
lambda() { call_aws lambda "$@"; }

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

# patiently COMMAND...: what Lambda refuses for the moment is tried again, after 1 s and then ever longer ones.
# A role that was just made is not known everywhere at once, and one change has to wait for another.
patiently() {
  pause=1
  until "$@" 2>"$work/errors"; do
    if [ "$pause" -gt 32 ] || ! grep -qE 'cannot be assumed by Lambda|cannot be performed at this time' "$work/errors"; then
      cat "$work/errors" >&2
      fail "$name is not deployed"
    fi
    say "not possible yet, once more in $pause s:$(tr '\n' ' ' <"$work/errors")"
    sleep "$pause"
    pause=$((pause * 2))
  done
}

# await STATE: until the function is in that state, which it may never be.
await() {
  lambda wait "function-$1-v2" --function-name "$name" 2>"$work/errors" && return 0
  cat "$work/errors" >&2
  fail "$name is not usable: $(lambda get-function --function-name "$name" \
    --query "Configuration.[StateReason, LastUpdateStatusReason][?@] | join('; ', @)")"
}

# hand_over ZIP: to the bucket, as $key, where there is one; else Lambda must be able to take it directly.
hand_over() {
  if [ -n "$bucket" ]; then
    sum=$(sha256sum "$1")
    key=forklift/${sum%% *}.zip
    say "sending s3://$bucket/$key"
    patiently call_aws s3api put-object --bucket "$bucket" --key "$key" --body "$1" >/dev/null
  elif [ "$(wc -c <"$1")" -gt 52428800 ]; then
    fail "${1##*/} is larger than the 50 MiB that Lambda takes directly; --s3-bucket BUCKET sends it through a bucket"
  fi
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
  sum=$(sha256sum "$layer_zip")
  description="Forklift for $arch, SHA-256 ${sum%% *}"
  layer=None
  if unless ResourceNotFoundException lambda list-layer-versions --no-paginate --layer-name "$layer_name" \
    --query "LayerVersions[?Description=='$description'] | [0].LayerVersionArn"; then
    layer=$(cat "$work/output")
  fi
  if [ "$layer" = None ]; then
    say "publishing the layer $layer_name"
    hand_over "$layer_zip"
    set -- --zip-file "fileb://$layer_zip"
    [ -z "$bucket" ] || set -- --content "S3Bucket=$bucket,S3Key=$key"
    patiently lambda publish-layer-version --layer-name "$layer_name" --description "$description" \
      --compatible-runtimes provided.al2023 --compatible-architectures "$arch" "$@" \
      --query LayerVersionArn >"$work/output"
    layer=$(cat "$work/output")
  fi
  layers="$layer$layers"
}

# What other layers bring cannot be seen from here.
pack() {
  if [ "$form" = layer ] && [ -z "$layer_zip" ]; then
    layer_zip=$work/forklift-layer.zip
    forklift package --layer --arch "$arch" -o "$layer_zip"
  fi
  set -- "$source" -o "$work/function.zip" --arch "$arch" --handler "$handler"
  [ "$form" = zip ] || set -- "$@" --without-bootstrap
  [ "$form" = zip ] || [ -n "$layers" ] || set -- "$@" --with-layer "$layer_zip"
  forklift package "$@"
  hand_over "$work/function.zip"
  function_key=${key-}
  [ "$form" = zip ] || publish_layer
}

# put COMMAND: creates a function from the code there is, or gives that code to an old one.
put() {
  set -- "$@" --architectures "$arch"
  case $1 in
    create-function)
      case $form$bucket in
        image) set -- "$@" --package-type Image --code "ImageUri=$source" ;;
        zip | layer) set -- "$@" --zip-file "fileb://$work/function.zip" ;;
        *) set -- "$@" --code "S3Bucket=$bucket,S3Key=$function_key" ;;
      esac
      with_settings "$@"
      ;;
    *)
      case $form$bucket in
        image) set -- "$@" --image-uri "$source" ;;
        zip | layer) set -- "$@" --zip-file "fileb://$work/function.zip" ;;
        *) set -- "$@" --s3-bucket "$bucket" --s3-key "$function_key" ;;
      esac
      lambda "$@" --function-name "$name" >/dev/null
      ;;
  esac
}

# update TYPE STATE LAST_UPDATE: an earlier update that failed is what this one may mend.
update() {
  case "$form $1" in
    "image Image" | "zip Zip" | "layer Zip") ;;
    *) fail "$name is there, with code of the type $1, which Lambda does not change; delete it or take another name" ;;
  esac
  say "updating $name"
  [ "$2" != Pending ] || lambda wait function-active-v2 --function-name "$name" || :
  [ "$3" != InProgress ] || lambda wait function-updated-v2 --function-name "$name" || :
  patiently put update-function-code
  await updated
  patiently with_settings update-function-configuration
  await updated
}

create() {
  say "creating $name"
  patiently put create-function
  await active
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

[ "$form" = image ] || pack
if unless ResourceNotFoundException lambda get-function --function-name "$name" \
  --query 'Configuration.[PackageType, State, LastUpdateStatus]'; then
  # shellcheck disable=SC2046 # three words
  update $(cat "$work/output")
else
  create
fi
[ -z "$url" ] || give_url
say "$name is ready"
