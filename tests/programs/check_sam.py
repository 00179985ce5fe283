"""check_sam.py TEMPLATE: prints what is wrong with a SAM template, a line each; exits 1 if there is anything.
check_sam.py --types: the resources that it knows, as JSON

Knows CloudFormation's tags, the properties of the resources that examples/deploy uses
(https://docs.aws.amazon.com/serverless-application-model/ and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/, September 2026), and what may
be referred to. It needs PyYAML.
"""
import json
import re
import sys

import yaml

from names import check_names, nearest

URL = {"TargetFunctionArn", "AuthType", "Cors", "InvokeMode", "Qualifier"}
PERMISSION = {"Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "InvokedViaFunctionUrl",
              "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"}
FUNCTION = {"Architectures", "CodeUri", "Description", "Environment", "EphemeralStorage", "FunctionName",
            "FunctionUrlConfig", "Handler", "ImageConfig", "ImageUri", "Layers", "MemorySize", "PackageType",
            "Role", "Runtime", "Timeout"}
LAYER = {"CompatibleArchitectures", "CompatibleRuntimes", "ContentUri", "Description", "LayerName",
         "LicenseInfo", "PublishLambdaVersion", "RetentionPolicy"}
# Type: its properties, those that it needs, and what Fn::GetAtt gets of it.
TYPES = {"AWS::Serverless::Function": (FUNCTION, {"Role"}, {"Arn"}),
         "AWS::Serverless::LayerVersion": (LAYER, {"ContentUri"}, set()),
         "AWS::Lambda::Url": (URL, {"TargetFunctionArn", "AuthType"}, {"FunctionArn", "FunctionUrl"}),
         "AWS::Lambda::Permission": (PERMISSION, {"Action", "FunctionName", "Principal"}, {"Id"})}
# What a property may be, where it is written out.
VALUES = {"Architectures": {"x86_64", "arm64"}, "CompatibleArchitectures": {"x86_64", "arm64"},
          "Runtime": {"provided.al2023"}, "CompatibleRuntimes": {"provided.al2023"},
          "PackageType": {"Zip", "Image"}, "AuthType": {"AWS_IAM", "NONE"},
          "FunctionUrlAuthType": {"AWS_IAM", "NONE"},
          "Action": {"lambda:InvokeFunction", "lambda:InvokeFunctionUrl"}}
SECTIONS = {"AWSTemplateFormatVersion", "Transform", "Description", "Parameters", "Conditions", "Resources",
            "Outputs"}
PARAMETER = {"Type", "Default", "Description", "AllowedValues", "AllowedPattern", "MinValue", "MaxValue"}
PARAMETER_TYPES = {"String", "Number", "CommaDelimitedList"}
PSEUDO = {"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName",
          "AWS::URLSuffix"}
ARGUMENTS = {"Fn::If": 3, "Fn::Not": 1, "Fn::Equals": 2, "Fn::Join": 2}
CALLS = {*ARGUMENTS, "Ref", "Condition", "Fn::Sub", "Fn::GetAtt"}


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
                raise yaml.MarkedYAMLError(problem=f"{key} comes twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


Loader.add_multi_constructor("!", Loader.tagged)


def is_call(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in CALLS


class Template:
    """The sections of a template; one that is not what it should be is a problem, and empty."""

    def __init__(self, document):
        self.problems = []
        self.document = self.mapping("", document)
        for name in ("Parameters", "Conditions", "Resources", "Outputs"):
            setattr(self, name.lower(), self.mapping("/" + name, self.document.get(name, {})))

    def mapping(self, where, value):
        if isinstance(value, dict):
            return value
        self.problems.append(f"{where or '/'}: names with values belong here, not {json.dumps(value)}")
        return {}

    def check(self):
        self.problems += check_names("/", self.document, SECTIONS, {"Transform", "Resources"})
        for name, parameter in self.parameters.items():
            self.problems += check_parameter(f"/Parameters/{name}", self.mapping(f"/Parameters/{name}", parameter))
            if not any(name in referred(value) for value in everything(self.document)):
                self.problems.append(f"/Parameters/{name}: nothing uses it")
        for name in self.conditions:
            if not any(name in conditioned(value) for value in everything(self.document)):
                self.problems.append(f"/Conditions/{name}: nothing uses it")
        for name, resource in self.resources.items():
            self.check_resource(f"/Resources/{name}", self.mapping(f"/Resources/{name}", resource))
        for section in ("Conditions", "Resources", "Outputs"):
            self.check_values("/" + section, getattr(self, section.lower()))
        self.check_openness()
        return list(dict.fromkeys(self.problems))

    def check_resource(self, where, resource):
        self.problems += check_names(where, resource, {"Type", "Condition", "DependsOn", "Properties"},
                                     {"Type", "Properties"})
        kind = resource.get("Type")
        if kind not in TYPES:
            self.problems.append(f"{where}/Type: {kind} is not known here{nearest(kind, TYPES)}")
            return
        where += "/Properties"
        properties = self.mapping(where, resource.get("Properties", {}))
        allowed, needed, _ = TYPES[kind]
        if kind == "AWS::Serverless::Function":
            allowed, needed = function_names(properties)
        self.problems += check_names(where, properties, allowed, needed)
        for name, value in properties.items():
            for one in value if isinstance(value, list) else [value]:
                if name in VALUES and isinstance(one, str) and one not in VALUES[name]:
                    self.problems.append(f"{where}/{name}: not \"{one}\", but {' or '.join(sorted(VALUES[name]))}")

    def check_values(self, where, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("Ref", "Condition") or str(key).startswith("Fn::"):
                    self.problems += check_call(f"{where}", key, inner, self)
                self.check_values(f"{where}/{key}", inner)
        if isinstance(value, list):
            for index, inner in enumerate(value):
                self.check_values(f"{where}/{index}", inner)

    def properties_of(self, kind):
        """The properties of each resource of that type."""
        for resource in self.resources.values():
            if isinstance(resource, dict) and resource.get("Type") == kind:
                properties = resource.get("Properties")
                yield properties if isinstance(properties, dict) else {}

    def check_openness(self):
        """A URL for anybody needs two permissions, the second since October 2025
        (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)."""
        given = [tuple(map(permission.get, ("Action", "FunctionUrlAuthType", "InvokedViaFunctionUrl")))
                 for permission in self.properties_of("AWS::Lambda::Permission")]
        if not any(True for _ in self.properties_of("AWS::Lambda::Url")):
            return
        wanted = "/Resources: a URL for anybody needs a permission for"
        if ("lambda:InvokeFunctionUrl", "NONE", None) not in given:
            self.problems.append(f"{wanted} lambda:InvokeFunctionUrl with FunctionUrlAuthType: NONE alone")
        if ("lambda:InvokeFunction", None, True) not in given:
            self.problems.append(f"{wanted} lambda:InvokeFunction with InvokedViaFunctionUrl: true alone")


def function_names(properties):
    """What a function of this package type may have, and what it needs."""
    if properties.get("PackageType") == "Image":
        return FUNCTION - {"CodeUri", "Handler", "Runtime", "Layers"}, {"Role", "ImageUri"}
    return FUNCTION - {"ImageUri", "ImageConfig"}, {"Role", "CodeUri", "Handler", "Runtime"}


def check_parameter(where, parameter):
    yield from check_names(where, parameter, PARAMETER, {"Type"})
    kind, allowed = parameter.get("Type"), parameter.get("AllowedValues")
    if kind is not None and kind not in PARAMETER_TYPES:
        yield f"{where}/Type: there is no type {kind}{nearest(kind, PARAMETER_TYPES)}"
    if allowed is not None and "Default" in parameter and parameter["Default"] not in allowed:
        yield f"{where}/Default: \"{parameter['Default']}\" is not one of AllowedValues"


def check_call(where, name, value, template):
    """One call of a function of CloudFormation's."""
    if name not in CALLS:
        short = {call.removeprefix("Fn::") for call in CALLS}
        yield f"{where}: there is no function {name}{nearest(name.removeprefix('Fn::'), short)}"
    elif name in ARGUMENTS and not (isinstance(value, list) and len(value) == ARGUMENTS[name]):
        yield f"{where}: {name} takes a list of {ARGUMENTS[name]}"
    elif name not in ARGUMENTS and not isinstance(value, str):
        yield f"{where}: {name} takes a name, not {json.dumps(value)}"
    elif name in ("Ref", "Fn::Sub"):
        known = {*template.parameters, *template.resources, *PSEUDO}
        for used in referred({name: value}):
            if used not in known:
                yield f"{where}: there is no {used} to refer to{nearest(used, known)}"
    elif name in ("Condition", "Fn::If"):
        for used in conditioned({name: value}):
            if used not in template.conditions:
                yield f"{where}: there is no condition {used}{nearest(used, template.conditions)}"
    elif name == "Fn::GetAtt":
        resource, _, attribute = value.partition(".")
        if not isinstance(template.resources.get(resource), dict):
            yield f"{where}: there is no resource {resource}{nearest(resource, template.resources)}"
            return
        _, _, attributes = TYPES.get(template.resources[resource].get("Type"), (None, None, {attribute}))
        if attribute not in attributes:
            yield f"{where}: {resource} has no {attribute}{nearest(attribute, attributes)}"


def referred(value):
    """The names that a call of Ref or Fn::Sub uses."""
    if not is_call(value):
        return []
    (name, used), = value.items()
    if name == "Ref":
        return [used]
    return re.findall(r"\$\{([^}!]*)\}", used) if name == "Fn::Sub" and isinstance(used, str) else []


def conditioned(value):
    """The conditions that a value names itself: a call of Fn::If, a resource or an output."""
    if not isinstance(value, dict):
        return []
    chosen = value.get("Fn::If")
    return [name for name in (value.get("Condition"), chosen[0] if isinstance(chosen, list) and chosen else None)
            if isinstance(name, str)]


def everything(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(inner)


def check_file(path):
    try:
        with open(path) as file:
            return Template(yaml.load(file, Loader)).check()
    except yaml.YAMLError as error:
        return [" ".join(str(error).split())]


if sys.argv[1:] == ["--types"]:
    print(json.dumps({name: {"properties": sorted(properties), "needed": sorted(needed), "asked": sorted(asked)}
                      for name, (properties, needed, asked) in TYPES.items()}))
    sys.exit()
problems = [f"{path}: {problem}" for path in sys.argv[1:] for problem in check_file(path)]
print("".join(problem + "\n" for problem in problems), end="")
sys.exit(1 if problems else 0)
