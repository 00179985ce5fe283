"""check_terraform.py READER FOLDER: prints what is wrong with a Terraform module, a line each; exits 1 if
there is anything. READER is read_hcl.go, built.
check_terraform.py --types: the resources that it knows with their arguments, as JSON

Knows the resources that examples/deploy uses as the AWS provider documents them, version 6,
and what may be referred to.
"""
import glob
import json
import os
import subprocess
import sys

from names import check_names, nearest


def words(text):
    return set(text.split())


# Type: its arguments, those that it needs, what else may be asked of it, and its blocks with theirs.
RESOURCES = {
    "aws_lambda_function": (
        words("architectures description filename function_name handler image_uri layers memory_size package_type "
              "publish role runtime s3_bucket s3_key source_code_hash timeout"),
        words("function_name role"), words("arn invoke_arn qualified_arn version"),
        {"image_config": words("command entry_point working_directory"), "environment": words("variables"),
         "ephemeral_storage": words("size")}),
    "aws_lambda_layer_version": (
        words("compatible_architectures compatible_runtimes description filename layer_name license_info s3_bucket "
              "s3_key skip_destroy source_code_hash"),
        words("layer_name"), words("arn layer_arn version"), {}),
    "aws_lambda_function_url": (
        words("authorization_type function_name invoke_mode qualifier"),
        words("authorization_type function_name"), words("function_arn function_url url_id"),
        {"cors": words("allow_credentials allow_headers allow_methods allow_origins expose_headers max_age")}),
    "aws_lambda_permission": (
        words("action event_source_token function_name function_url_auth_type invoked_via_function_url principal "
              "principal_org_id qualifier source_account source_arn statement_id statement_id_prefix"),
        words("action function_name principal"), set(), {}),
}
# What an argument may be, where it is written out.
VALUES = {"runtime": {"provided.al2023"}, "package_type": {"Zip", "Image"},
          "authorization_type": {"AWS_IAM", "NONE"}, "function_url_auth_type": {"AWS_IAM", "NONE"},
          "action": {"lambda:InvokeFunction", "lambda:InvokeFunctionUrl"}}
# The language's own words.
META = words("count depends_on for_each provider")
CONDITION = words("condition error_message")
LIFECYCLE = words("create_before_destroy ignore_changes prevent_destroy replace_triggered_by")
VARIABLE = words("default description ephemeral nullable sensitive type")
OUTPUT = words("depends_on description ephemeral sensitive value")
TYPES = words("any bool list map number object set string tuple")
FUNCTIONS = words("coalesce concat contains filebase64sha256 fileexists format join length lookup merge one regex "
                  "replace tolist toset try can")
LABELS = {"resource": 2, "variable": 1, "output": 1, "locals": 0, "terraform": 0, "provider": 1, "data": 2}


class Module:
    def __init__(self, blocks):
        self.problems = []
        self.blocks = blocks
        self.variables = {block["labels"][0] for block in blocks if block["type"] == "variable" and block["labels"]}
        self.locals = {name for block in blocks if block["type"] == "locals" for name in block["arguments"]}
        self.resources = {".".join(block["labels"]): block for block in blocks if block["type"] == "resource"}
        self.used = set()

    def check(self):
        checks = {"resource": self.check_resource, "variable": self.check_variable, "output": self.check_output,
                  "locals": self.check_values, "terraform": lambda block: None}
        for block in self.blocks:
            kind, where = block["type"], block["at"]
            self.problems += check_names(where, [kind], checks)
            if kind in checks and len(block["labels"]) != LABELS[kind]:
                self.problems.append(f"{where}: {kind} has {LABELS[kind]} names, not {len(block['labels'])}")
            elif kind in checks:
                checks[kind](block)
        self.check_openness()
        for name in sorted(self.variables - self.used):
            self.problems.append(f"variable {name}: nothing uses it")
        return list(dict.fromkeys(self.problems))

    def check_arguments(self, block, title, allowed, needed=()):
        self.problems += check_names(f"{block['at']}: {title}", block["arguments"], allowed, needed)

    def check_resource(self, block):
        kind, name = block["labels"]
        if kind not in RESOURCES:
            self.problems.append(f"{block['at']}: the type {kind} is not known here{nearest(kind, RESOURCES)}")
            return
        arguments, needed, _, blocks = RESOURCES[kind]
        self.check_arguments(block, f"{kind}.{name}", arguments | META, needed)
        self.check_values(block, {"count"} if "count" in block["arguments"] else set())
        for inner in block["blocks"]:
            self.check_inner(inner, f"{kind}.{name}", blocks)

    def check_inner(self, block, title, blocks):
        """A block in a resource: one of its own, a dynamic one, or lifecycle."""
        kind, roots = block["type"], set()
        if kind == "lifecycle":
            self.check_arguments(block, f"{title}.lifecycle", LIFECYCLE)
            self.check_conditions(block, f"{title}.lifecycle", words("precondition postcondition"))
            return
        if kind == "dynamic":
            self.check_arguments(block, f"{title}.dynamic", words("for_each iterator labels"), {"for_each"})
            self.check_values(block)
            kind, roots = block["labels"][0], {block["labels"][0]}
            block = next((inner for inner in block["blocks"] if inner["type"] == "content"), None)
            if not block:
                self.problems.append(f"{title}: dynamic \"{kind}\" has no block content")
                return
        self.problems += check_names(f"{block['at']}: {title}", [kind], blocks)
        self.check_arguments(block, f"{title}.{kind}", blocks.get(kind, ()))
        self.check_values(block, roots)

    def check_conditions(self, block, title, kinds):
        for inner in block["blocks"]:
            self.problems += check_names(f"{inner['at']}: {title}", [inner["type"]], kinds)
            self.check_arguments(inner, f"{title}.{inner['type']}", CONDITION, CONDITION)
            self.check_values(inner)

    def check_variable(self, block):
        title = "variable " + block["labels"][0]
        self.check_arguments(block, title, VARIABLE, {"type"})
        for name in block["arguments"].get("type", {"names": []})["names"]:
            self.problems += check_names(f"{block['at']}: {title}.type", [name], TYPES)
        self.check_conditions(block, title, {"validation"})

    def check_output(self, block):
        self.check_arguments(block, "output " + block["labels"][0], OUTPUT, {"value"})
        self.check_values(block)

    def check_values(self, block, roots=frozenset()):
        """What the arguments of a block refer to: ROOTS are names that are known there alone."""
        for key, argument in block["arguments"].items():
            if argument["text"] is not None and key in VALUES and block["type"] == "resource":
                self.problems += check_names(f"{argument['at']}: {key}", [argument["text"]], VALUES[key])
            for name in argument["names"]:
                self.check_name(argument["at"], name.split("."), roots)
            self.problems += check_names(argument["at"], argument["functions"], FUNCTIONS)

    def check_name(self, where, parts, roots):
        root, name = (parts + [""])[:2]
        if root == "var":
            self.used.add(name)
            self.problems += check_names(where, ["var." + name], {"var." + known for known in self.variables})
        elif root == "local":
            self.problems += check_names(where, ["local." + name], {"local." + known for known in self.locals})
        elif root in RESOURCES:
            self.problems += check_names(where, [f"{root}.{name}"], self.resources)
            attributes = [part for part in parts[2:3 + ("*" in parts)] if part != "*"]
            known = RESOURCES[root][0] | RESOURCES[root][2] | {"id"}
            self.problems += check_names(f"{where}: {root}.{name}", attributes, known)
        elif root not in roots:
            known = {"var", "local", *roots, *RESOURCES}
            self.problems.append(f"{where}: there is nothing named {root}{nearest(root, known)}")

    def check_openness(self):
        """A URL for anybody needs two permissions, as check_sam.py says."""
        if not any(name.startswith("aws_lambda_function_url.") for name in self.resources):
            return
        given = [tuple(block["arguments"].get(key, {}).get("text")
                       for key in ("action", "function_url_auth_type", "invoked_via_function_url"))
                 for name, block in self.resources.items() if name.startswith("aws_lambda_permission.")]
        if ("lambda:InvokeFunctionUrl", "NONE", None) not in given:
            self.problems.append("a URL for anybody needs an aws_lambda_permission for lambda:InvokeFunctionUrl with "
                                 "function_url_auth_type = \"NONE\" alone")
        if ("lambda:InvokeFunction", None, "true") not in given:
            self.problems.append("a URL for anybody needs an aws_lambda_permission for lambda:InvokeFunction with "
                                 "invoked_via_function_url = true alone")


def check_folder(reader, folder):
    files = sorted(glob.glob(os.path.join(folder, "*.tf")))
    if not files:
        return [f"{folder}: there is no file *.tf"]
    read = subprocess.run([reader, *files], capture_output=True, text=True)
    return Module(json.loads(read.stdout)).check() if read.returncode == 0 else read.stderr.splitlines()


if sys.argv[1:] == ["--types"]:
    print(json.dumps({kind: {"arguments": sorted(arguments), "needed": sorted(needed), "asked": sorted(asked),
                             "blocks": {name: sorted(inner) for name, inner in blocks.items()}}
                      for kind, (arguments, needed, asked, blocks) in RESOURCES.items()}))
    sys.exit()
problems = check_folder(*sys.argv[1:])
print("".join(problem + "\n" for problem in problems), end="")
sys.exit(1 if problems else 0)
