// NODE_PATH=MODULES node packaging/test/deploy-examples.js: compares the names that tests/programs/check_sam.py
// and check_terraform.py know with CloudFormation's specification (@aws-cdk/aws-service-spec) and the schema
// of Terraform's AWS provider (@cdktn/provider-aws). ./dev check-examples fetches both and runs this.
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { loadAwsServiceSpecSync } = require("@aws-cdk/aws-service-spec");

const programs = path.join(__dirname, "..", "..", "tests", "programs");
// Properties that AWS documents and the specification of the serverless transform lacks.
const newer = new Set(["CompatibleArchitectures", "PublishLambdaVersion"]);

const problems = [];
function check(holds, problem) {
  if (!holds) problems.push(problem);
  return holds;
}
const typesOf = (program) => JSON.parse(execFileSync("python3", ["-B", path.join(programs, program), "--types"]));
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const capital = (name) => name[0].toUpperCase() + camel(name).slice(1);

function checkCloudFormation() {
  const specification = loadAwsServiceSpecSync();
  for (const [type, known] of Object.entries(typesOf("check_sam.py"))) {
    const [resource] = specification.lookup("resource", "cloudFormationType", "equals", type);
    if (!check(resource, `there is no type ${type}`)) continue;
    for (const property of known.properties)
      check(newer.has(property) || resource.properties[property], `${type} has no property ${property}`);
    for (const [property, { required }] of Object.entries(resource.properties))
      check(!required || known.needed.includes(property), `${type} needs ${property}`);
    // Of the serverless types the specification lists none.
    for (const attribute of type.startsWith("AWS::Serverless::") ? [] : known.asked)
      check(resource.attributes[attribute], `${type} has no attribute ${attribute}`);
  }
}

// The arguments of an interface of the provider's, as TypeScript declares them: true of those that it needs.
function argumentsOf(text, name) {
  const declaration = new RegExp(`^export interface ${name}(?: extends [\\w.]+)? \\{\\n(.*?)^\\}`, "ms");
  const found = (declaration.exec(text)?.[1] ?? "").matchAll(/^    readonly (\w+)(\?)?:/gm);
  return new Map([...found].map(([, argument, optional]) => [argument, !optional]));
}

function checkProvider() {
  const provider = path.dirname(require.resolve("@cdktn/provider-aws/package.json"));
  for (const [type, known] of Object.entries(typesOf("check_terraform.py"))) {
    const short = type.replace(/^aws_/, "");
    const text = fs.readFileSync(path.join(provider, "lib", short.replace(/_/g, "-"), "index.d.ts"), "utf8");
    const taken = argumentsOf(text, `${capital(short)}Config`);
    for (const argument of [...known.arguments, ...Object.keys(known.blocks)])
      check(taken.has(camel(argument)), `${type} has no argument ${argument}`);
    for (const [argument, needed] of taken)
      check(!needed || known.needed.map(camel).includes(argument), `${type} needs ${argument}`);
    for (const attribute of known.asked)
      check(text.includes(`get ${camel(attribute)}():`), `${type} has no attribute ${attribute}`);
    for (const [block, inner] of Object.entries(known.blocks)) {
      const takenInside = argumentsOf(text, capital(short) + capital(block));
      for (const argument of inner)
        check(takenInside.has(camel(argument)), `${type}.${block} has no argument ${argument}`);
    }
  }
}

checkCloudFormation();
checkProvider();
for (const problem of problems) console.error(`deploy-examples: ${problem}`);
process.exitCode = problems.length ? 1 : 0;
