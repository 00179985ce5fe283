"""manifest.py FILE: prints how a manifest of examples/deploy wants its function run, as JSON.

Takes Compose, Kubernetes (a Deployment and its Service) and Knative. What it does not know it refuses, so that no test
passes over it.
"""
import json
import sys

try:
    import yaml
except ImportError:
    sys.exit("manifest.py: there is no YAML for Python; in Debian it is in the package python3-yaml")


def take(found, where, known):
    """The values of `known`; a key that is not among them ends the program."""
    unknown = set(found) - set(known)
    if unknown:
        sys.exit(f"manifest.py: {where}: what is {', '.join(sorted(unknown))}?")
    return [found.get(key) for key in known]


def seconds(text):
    if not text.endswith("s"):
        sys.exit(f"manifest.py: \"{text}\" is no number of seconds")
    return int(text[:-1])


def of_compose(document):
    (service,) = document["services"].values()
    image, command, ports, variables, read_only, tmpfs, drop, security, grace, _ = take(
        service, "the service", ("image", "command", "ports", "environment", "read_only", "tmpfs", "cap_drop",
                                 "security_opt", "stop_grace_period", "restart"))
    options = [f"--env={name}={value}" for name, value in variables.items()]
    options += ["--read-only", "--read-only-tmpfs=false"] if read_only else []
    options += [f"--tmpfs={path}" for path in tmpfs]
    options += [f"--cap-drop={name}" for name in drop] + [f"--security-opt={name}" for name in security]
    (port,) = ports
    return {"image": image, "podman": options, "arguments": command, "port": int(port.split(":")[1]),
            "grace": seconds(grace), "variables": variables}


def of_container(container, volumes):
    image, command, ports, env, security, mounts, ready, alive, hook, resources, _ = take(
        container, "the container", ("image", "args", "ports", "env", "securityContext", "volumeMounts", "readinessProbe",
                                     "livenessProbe", "lifecycle", "resources", "name"))
    non_root, read_only, escalation, capabilities, _ = take(
        security, "securityContext", ("runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation",
                                      "capabilities", "seccompProfile"))
    variables = {one["name"]: one["value"] for one in env}
    options = [f"--env={name}={value}" for name, value in variables.items()]
    options += ["--read-only", "--read-only-tmpfs=false"] if read_only else []
    options += ["--security-opt=no-new-privileges"] if escalation is False else []
    options += [f"--cap-drop={name}" for name in capabilities["drop"]]
    empty = [volume["name"] for volume in volumes if "emptyDir" in volume]
    options += [f"--tmpfs={mount['mountPath']}" for mount in mounts if mount["name"] in empty]
    (port,) = ports
    for probe in filter(None, (ready, alive)):
        (target,) = take(probe, "the probe", ("tcpSocket",))
        if target["port"] != port["name"]:
            sys.exit(f"manifest.py: a probe looks at {target['port']}, but the port is {port['name']}")
    memory = int(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) * int(variables["FORKLIFT_CONCURRENCY"])
    if resources["limits"]["memory"] != f"{memory}Mi":
        sys.exit(f"manifest.py: the limit is {resources['limits']['memory']}, but functions are told of {memory}Mi")
    pause = hook["preStop"]["sleep"]["seconds"] if hook else 0
    return {"image": image, "podman": options, "arguments": command, "port": port["containerPort"], "pause": pause,
            "variables": variables, "non_root": non_root}


def of_kubernetes(deployment, service):
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    for selector in (deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"]):
        if selector != labels:
            sys.exit(f"manifest.py: {selector} does not select {labels}")
    _, links, grace, containers, volumes = take(template["spec"], "the pod", (
        "automountServiceAccountToken", "enableServiceLinks", "terminationGracePeriodSeconds", "containers", "volumes"))
    if links is not False:
        sys.exit("manifest.py: enableServiceLinks must be false, or other Services set variables called FORKLIFT_")
    (container,) = containers
    (port,) = service["spec"]["ports"]
    if port["targetPort"] != container["ports"][0]["name"]:
        sys.exit(f"manifest.py: the Service goes to {port['targetPort']}, which the container has not")
    return of_container(container, volumes) | {"grace": grace}


def of_knative(service):
    concurrency, timeout, containers, volumes = take(service["spec"]["template"]["spec"], "the pod", (
        "containerConcurrency", "timeoutSeconds", "containers", "volumes"))
    (container,) = containers
    return of_container(container, volumes) | {"grace": timeout, "concurrency": str(concurrency)}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        documents = list(yaml.safe_load_all(file))
    if "services" in documents[0]:
        told = of_compose(*documents)
    elif documents[0]["apiVersion"].startswith("serving.knative.dev/"):
        told = of_knative(*documents)
    else:
        told = of_kubernetes(*documents)
    print(json.dumps(told))


main()
