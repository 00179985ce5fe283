// NODE_PATH=MODULES node packaging/test/deploy-examples.js: parses examples/deploy/terraform as HCL, and
// compares names in it with what the AWS provider documents (version 6), and the names that
// tests/programs/check_sam.py knows with CloudFormation's own specification.
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { parse } = require("@cdktf/hcl2json");
const { loadAwsServiceSpecSync } = require("@aws-cdk/aws-service-spec");

const top = path.join(__dirname, "..", "..");
const words = (text) => new Set(text.trim().split(/\s+/));

// Of every resource: meta-arguments, arguments that the examples may use, what may be asked of it.
const meta = words("count depends_on for_each lifecycle provider dynamic");
const resources = {
  aws_lambda_function: words(`architectures description environment ephemeral_storage filename function_name
    handler image_config image_uri layers memory_size package_type publish role runtime s3_bucket s3_key
    source_code_hash timeout arn invoke_arn`),
  aws_lambda_layer_version: words(`compatible_architectures compatible_runtimes description filename layer_name
    license_info s3_bucket s3_key skip_destroy source_code_hash arn layer_arn version`),
  aws_lambda_function_url: words(`authorization_type cors function_name invoke_mode qualifier function_url`),
  aws_lambda_permission: words(`action event_source_token function_name function_url_auth_type
    invoked_via_function_url principal principal_org_id qualifier source_account source_arn statement_id
    statement_id_prefix`),
};
const blocks = { image_config: words("command entry_point working_directory") };
const sections = words("locals output resource terraform variable");
// Properties that AWS documents and the specification of the serverless transform lacks.
const newer = words("CompatibleArchitectures PublishLambdaVersion");

const problems = [];
const check = (holds, problem) => holds || problems.push(problem);

function checkResource(type, name, body) {
  const known = resources[type];
  if (!known) return problems.push(`${type}.${name}: the type is not known here`);
  for (const argument of Object.keys(body))
    check(known.has(argument) || meta.has(argument), `${type}.${name}: there is no argument ${argument}`);
  for (const [block, uses] of Object.entries(body.dynamic ?? {})) {
    check(known.has(block), `${type}.${name}: there is no block ${block}`);
    for (const argument of uses.flatMap((use) => use.content.flatMap(Object.keys)))
      check(blocks[block]?.has(argument), `${type}.${name}.${block}: there is no argument ${argument}`);
  }
}

// What stands behind var., local. and the types of resources must be there.
function checkReferences(text, module) {
  for (const [, name] of text.matchAll(/\bvar\.(\w+)/g))
    check(module.variable[name], `there is no variable ${name}`);
  for (const [, name] of text.matchAll(/\blocal\.(\w+)/g))
    check(module.locals.some((local) => name in local), `there is no local ${name}`);
  for (const [, type, name, attribute] of text.matchAll(/\b(aws_\w+)\.(\w+)(?:\[\*\])?\.(\w+)/g)) {
    check(module.resource[type]?.[name], `there is no ${type}.${name}`);
    check(resources[type]?.has(attribute), `${type} has no ${attribute}`);
  }
  for (const name of Object.keys(module.variable))
    check(new RegExp(`\\bvar\\.${name}\\b`).test(text), `nothing uses the variable ${name}`);
}

async function checkTerraform(folder) {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(".tf"));
  const text = files.map((name) => fs.readFileSync(path.join(folder, name), "utf8")).join("\n");
  const module = await parse("module.tf", text);
  for (const section of Object.keys(module)) check(sections.has(section), `there is no block ${section}`);
  for (const [type, named] of Object.entries(module.resource))
    for (const [name, bodies] of Object.entries(named))
      for (const body of bodies) checkResource(type, name, body);
  checkReferences(text.replace(/^\s*#.*$/gm, ""), module);
}

function checkTypes() {
  const types = JSON.parse(execFileSync("python3", [path.join(top, "tests/programs/check_sam.py"), "--types"]));
  const specification = loadAwsServiceSpecSync();
  for (const [type, properties] of Object.entries(types)) {
    const [resource] = specification.lookup("resource", "cloudFormationType", "equals", type);
    for (const property of properties)
      check(newer.has(property) || resource?.properties[property], `${type} has no property ${property}`);
  }
}

(async () => {
  checkTypes();
  await checkTerraform(process.argv[2] ?? path.join(top, "examples/deploy/terraform"));
  for (const problem of problems) console.error(`deploy-examples: ${problem}`);
  process.exitCode = problems.length ? 1 : 0;
})();
