"""The Kubernetes manifests: the schema of Kubernetes, and that they fit each other, the image and the server."""

import re

import kubernetes_validate
import pytest
import yaml

from lab import recipes
from tests.snippets import test_containers

FILES = recipes.SNIPPETS / "kubernetes"
# The API of a Gateway is no part of Kubernetes, so its schema does not have it.
MANIFESTS = sorted(path for path in FILES.glob("*.yaml") if path.name != "httproute.yaml")
# Every version that the page names as good enough, up to the newest that the package knows
VERSIONS = ["1.30", "1.32", "1.34", "1.37"]


def manifest(name):
    """One manifest as data."""
    return yaml.safe_load((FILES / f"{name}.yaml").read_text())


def pod(name):
    """The pod that a Deployment or a Job describes."""
    return manifest(name)["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_has_the_schema_of_kubernetes(path, version):
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), version, strict=True)


def test_a_misspelt_field_would_be_found():
    """The schema is strict: otherwise the test above would say nothing about fields that nobody reads."""
    wrong = manifest("service")
    wrong["spec"]["selectors"] = wrong["spec"].pop("selector")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_labels_ports_and_names_meet():
    deployment, service = manifest("deployment"), manifest("service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    (container,) = pod("deployment")["containers"]
    (port,) = service["spec"]["ports"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels == service["spec"]["selector"]
    assert manifest("pdb")["spec"]["selector"]["matchLabels"] == labels
    assert port["targetPort"] in {found["name"] for found in container["ports"]}
    backend = manifest("ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == (service["metadata"]["name"], port["name"])
    (route,) = manifest("httproute")["spec"]["rules"]
    assert route["backendRefs"] == [{"name": service["metadata"]["name"], "port": port["port"]}]
    names = {"configMapRef": manifest("config")["metadata"]["name"], "secretRef": manifest("secret")["metadata"]["name"]}
    for where in ("deployment", "migrate"):
        sources_ = {kind: found["name"] for entry in pod(where)["containers"][0]["envFrom"] for kind, found in entry.items()}
        assert sources_ == names


def test_the_environment_has_what_the_settings_read():
    given = {*manifest("config")["data"], *manifest("secret")["stringData"]}
    assert given >= set(test_containers.containers.raw_environment((recipes.SNIPPETS / "containers" / ".env").read_text()))


def test_probes_name_a_host_that_is_allowed():
    allowed = manifest("config")["data"]["DJANGO_ALLOWED_HOSTS"].split(",")
    (container,) = pod("deployment")["containers"]
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        (header,) = container[kind]["httpGet"]["httpHeaders"]
        assert header["name"] == "Host" and header["value"] in allowed


def test_kubernetes_waits_longer_than_prestop_and_server():
    (container,) = pod("deployment")["containers"]
    sleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod("deployment")["terminationGracePeriodSeconds"] > sleep + max(test_containers.grace_periods())


def test_the_user_is_that_of_the_image():
    dockerfile = (recipes.SNIPPETS / "containers" / "gunicorn" / "Dockerfile").read_text()
    user = re.search(r"(?m)^USER (\d+):(\d+)$", dockerfile)
    for where in ("deployment", "migrate"):
        context = pod(where)["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"]) == (int(user[1]), int(user[2]))


def test_the_deployment_script_runs_these_files_and_this_job():
    script = (FILES / "deploy.sh").read_text()
    job = manifest("migrate")["metadata"]["name"]
    images = {pod(where)["containers"][0]["image"] for where in ("deployment", "migrate")}
    assert len(images) == 1
    assert job.endswith("-" + images.pop().rpartition(":")[2])
    # Whatever the job is called now: with the name of the one before it would be over at once.
    assert re.search(r"kubectl wait .*--filename migrate\.yaml", script)
    for name in re.findall(r"--filename (\S+)", script):
        assert (FILES / name).is_file()
    assert script.index("migrate.yaml") < script.index("deployment.yaml")


def applied(script):
    """Names of the files that a script applies."""
    commands = (FILES / f"{script}.sh").read_text().replace("\\\n", " ").splitlines()
    return [name for command in commands if "kubectl apply" in command for name in re.findall(r"--filename (\S+)", command)]


@pytest.mark.parametrize(("first", "way_in"), [("first-gateway", "httproute.yaml"), ("first-ingress", "ingress.yaml")])
def test_the_first_script_and_the_deployment_apply_every_manifest_once(first, way_in):
    """The Secret comes before what refers to it, and each way in has a script of its own."""
    other_way = {"httproute.yaml", "ingress.yaml"} - {way_in}
    assert sorted(applied(first) + applied("deploy")) == sorted({path.name for path in FILES.glob("*.yaml")} - other_way)
    assert {"secret.yaml", way_in} == set(applied(first))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_has_the_first_script_before_the_deployment(lang):
    page = (recipes.ROOT / "docs" / "deploy" / f"kubernetes.{lang}.md").read_text()
    scripts = re.findall(r'--8<-- "kubernetes/([\w-]+)\.sh"', page)
    assert scripts == ["first-gateway", "first-ingress", "deploy", "check"]


def test_every_file_is_on_a_page():
    assert not test_containers.not_shown(FILES)
