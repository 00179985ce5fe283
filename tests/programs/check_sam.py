"""check_sam.py TEMPLATE: prints what is wrong with a SAM template, a line each; exits 1 if there is anything.
check_sam.py --types: the resources that it knows with their properties, as JSON

Knows CloudFormation's tags, the properties of the resources that examples/deploy uses
(https://docs.aws.amazon.com/serverless-application-model/ and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/, September 2026), and what may
be referred to.
"""
import json
import re
import sys

import yaml

URL = {"TargetFunctionArn", "AuthType", "Cors", "InvokeMode", "Qualifier"}
PERMISSION = {"Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "InvokedViaFunctionUrl",
              "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"}
FUNCTION = {"Architectures", "CodeUri", "Description", "Environment", "EphemeralStorage", "FunctionName",
            "FunctionUrlConfig", "Handler", "ImageConfig", "ImageUri", "Layers", "MemorySize", "PackageType",
            "Role", "Runtime", "Timeout"}
LAYER = {"CompatibleArchitectures", "CompatibleRuntimes", "ContentUri", "Description", "LayerName",
         "LicenseInfo", "PublishLambdaVersion", "RetentionPolicy"}
# Type: its properties, and those that it needs.
TYPES = {"AWS::Serverless::Function": (FUNCTION, {"Role"}),
         "AWS::Serverless::LayerVersion": (LAYER, {"ContentUri"}),
         "AWS::Lambda::Url": (URL, {"TargetFunctionArn", "AuthType"}),
         "AWS::Lambda::Permission": (PERMISSION, {"Action", "FunctionName", "Principal"})}
SECTIONS = {"AWSTemplateFormatVersion", "Transform", "Description", "Parameters", "Conditions", "Resources",
            "Outputs"}
PARAMETER = {"Type", "Default", "Description", "AllowedValues", "AllowedPattern", "MinValue", "MaxValue"}
ARGUMENTS = {"Fn::If": 3, "Fn::Not": 1, "Fn::Equals": 2, "Fn::Join": 2}
KNOWN = {*ARGUMENTS, "Ref", "Condition", "Fn::Sub", "Fn::GetAtt"}


class Loader(yaml.SafeLoader):
    """Tags become the long form: !If [...] is {"Fn::If": [...]}; a key that comes twice is an error."""

    def tagged(self, suffix, node):
        build = {yaml.ScalarNode: self.construct_scalar, yaml.SequenceNode: self.construct_sequence,
                 yaml.MappingNode: self.construct_mapping}[type(node)]
        value = build(node) if isinstance(node, yaml.ScalarNode) else build(node, deep=True)
        return {suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix: value}

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"{key} comes twice, at {node.start_mark}")
        return super().construct_mapping(node, deep)


Loader.add_multi_constructor("!", Loader.tagged)


def check_call(where, name, value, template):
    """One call of a function of CloudFormation's."""
    named = {*template.get("Parameters", {}), *template.get("Resources", {})}
    conditions = template.get("Conditions", {})
    if name not in KNOWN:
        yield f"{where}: there is no function {name}"
    if name in ARGUMENTS and not (isinstance(value, list) and len(value) == ARGUMENTS[name]):
        yield f"{where}: {name} takes {ARGUMENTS[name]} values"
    if name == "Ref" and value not in named and not value.startswith("AWS::"):
        yield f"{where}: there is no {value} to refer to"
    if name == "Condition" and value not in conditions:
        yield f"{where}: there is no condition {value}"
    if name == "Fn::If" and value[0] not in conditions:
        yield f"{where}: there is no condition {value[0]}"
    if name == "Fn::GetAtt" and value.split(".")[0] not in template.get("Resources", {}):
        yield f"{where}: there is no resource {value.split('.')[0]}"
    if name == "Fn::Sub":
        for used in re.findall(r"\$\{([^}]*)\}", value):
            if used not in named and not used.startswith("AWS::"):
                yield f"{where}: there is no {used} to refer to"


def check_values(where, value, template):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("Ref", "Condition") or key.startswith("Fn::"):
                yield from check_call(where, key, inner, template)
            yield from check_values(f"{where}/{key}", inner, template)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from check_values(f"{where}/{index}", inner, template)


def check_names(where, found, allowed, needed=()):
    for name in found:
        if name not in allowed:
            yield f"{where}: there is no {name}"
    for name in needed:
        if name not in found:
            yield f"{where}: {name} is missing"


def check_function(where, properties):
    is_image = properties.get("PackageType") == "Image"
    needed = {"ImageUri"} if is_image else {"CodeUri", "Handler", "Runtime"}
    unfit = {"CodeUri", "Handler", "Runtime", "Layers"} if is_image else {"ImageUri", "ImageConfig"}
    yield from check_names(where, properties, FUNCTION - unfit, needed)


def check(template):
    yield from check_names("", template, SECTIONS, {"Transform", "Resources"})
    for name, parameter in template.get("Parameters", {}).items():
        yield from check_names(f"/Parameters/{name}", parameter, PARAMETER, {"Type"})
        if not any({"Ref": name} == value or f"${{{name}}}" in str(value) for value in everything(template)):
            yield f"/Parameters/{name}: nothing uses it"
    for name, resource in template.get("Resources", {}).items():
        where = f"/Resources/{name}"
        yield from check_names(where, resource, {"Type", "Condition", "Properties"}, {"Type", "Properties"})
        if resource.get("Type") not in TYPES:
            yield f"{where}: the type {resource.get('Type')} is not known here"
            continue
        yield from check_names(where, resource["Properties"], *TYPES[resource["Type"]])
        if resource["Type"] == "AWS::Serverless::Function":
            yield from check_function(where, resource["Properties"])
    for section in ("Conditions", "Resources", "Outputs"):
        yield from check_values("/" + section, template.get(section, {}), template)


def everything(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(inner)


if sys.argv[1] == "--types":
    print(json.dumps({name: sorted(properties) for name, (properties, _) in TYPES.items()}))
    sys.exit()
with open(sys.argv[1]) as file:
    problems = list(dict.fromkeys(check(yaml.load(file, Loader))))
print("".join(problem + "\n" for problem in problems), end="")
sys.exit(1 if problems else 0)
