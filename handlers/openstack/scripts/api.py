#: Python: `Cloud(OPENRC, PATIENCE)` speaks to the APIs that the catalog names, with the standard library alone, so that no
#: release of a client can be in the way. What goes wrong is a Stop, whose text people read; a token that ran out is fetched
#: anew, and an API that does not answer yet gets PATIENCE seconds. `told(work)` prints what a probe found, `done(work)` runs
#: a step.
import json, os, ssl, subprocess, sys, time
import urllib.error, urllib.parse, urllib.request

class Stop(Exception):
    pass

def say(text):
    print(text)
    sys.stdout.flush()

def read_openrc(path):
    if not os.access(path, os.R_OK):
        raise Stop("there is no file %s that may be read" % path)
    keep = dict((name, value) for name, value in os.environ.items() if not name.startswith("OS_"))
    ran = subprocess.run(["bash", "-c", "bash -n \"$1\" && { set -a; . \"$1\" >/dev/null; env -0; }", "bash", path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=keep)
    if ran.returncode != 0:
        raise Stop("bash cannot read %s: exit %d" % (path, ran.returncode))
    pairs = (pair.partition("=") for pair in ran.stdout.decode("utf-8", "replace").split("\0"))
    return dict((name, value) for name, _, value in pairs if name.startswith("OS_") and value)

def reason_of(text):
    try:
        for value in json.loads(text).values():
            if isinstance(value, dict) and value.get("message"):
                return " ".join(value["message"].split())[:400]
    except (ValueError, AttributeError):
        pass
    return ""

class Cloud:
    types = {"compute": ["compute"], "network": ["network"], "image": ["image"],
        "volume": ["block-storage", "volumev3", "volume"], "placement": ["placement"]}
    versions = {"network": "v2.0", "image": "v2"}

    def __init__(self, openrc, patience):
        self.openrc, self.patience, self.token, self.catalog = openrc, patience, None, []
        self.env = read_openrc(openrc)
        if "OS_AUTH_URL" not in self.env:
            also = ": it names OS_CLOUD, but no clouds.yaml is read" if "OS_CLOUD" in self.env else ""
            raise Stop("%s sets no OS_AUTH_URL%s" % (openrc, also))
        self.tls = ssl.create_default_context(cafile=self.env.get("OS_CACERT"))
        if self.env.get("OS_INSECURE", "").lower() in ("1", "true", "yes"):
            self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.login()

    def need(self, name):
        if name not in self.env:
            raise Stop("%s sets no %s" % (self.openrc, name))
        return self.env[name]

    def domain(self, kind):
        if "OS_%s_DOMAIN_ID" % kind in self.env:
            return {"id": self.env["OS_%s_DOMAIN_ID" % kind]}
        return {"name": self.env.get("OS_%s_DOMAIN_NAME" % kind, "Default")}

    def identity(self):
        secret = self.env.get("OS_APPLICATION_CREDENTIAL_SECRET")
        if secret:
            return {"identity": {"methods": ["application_credential"], "application_credential":
                {"id": self.need("OS_APPLICATION_CREDENTIAL_ID"), "secret": secret}}}
        if "OS_USER_ID" in self.env:
            user = {"id": self.env["OS_USER_ID"]}
        else:
            user = {"name": self.need("OS_USERNAME"), "domain": self.domain("USER")}
        user["password"] = self.need("OS_PASSWORD")
        if "OS_PROJECT_ID" in self.env:
            project = {"id": self.env["OS_PROJECT_ID"]}
        else:
            project = {"name": self.need("OS_PROJECT_NAME"), "domain": self.domain("PROJECT")}
        return {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": project}}

    def login(self):
        url = self.env["OS_AUTH_URL"].rstrip("/")
        url = url[:-5] if url.endswith("/v2.0") else url
        url = (url if url.endswith("/v3") else url + "/v3") + "/auth/tokens"
        self.token = None
        status, headers, text = self.patiently("POST", url, {"auth": self.identity()}, {}, "a token")
        if status != 201:
            raise Stop("asking for a token at %s: HTTP %d %s" % (url, status, reason_of(text)))
        self.token, token = headers["X-Subject-Token"], json.loads(text)["token"]
        self.catalog = token.get("catalog", [])
        self.project = token.get("project", {}).get("id")

    def has(self, service):
        return any(one["type"] in self.types[service] and one["endpoints"] for one in self.catalog)

    def endpoint(self, service):
        wanted = [self.env.get("OS_INTERFACE", self.env.get("OS_ENDPOINT_TYPE", "internal")).replace("URL", "")]
        region = self.env.get("OS_REGION_NAME")
        for kind in self.types[service]:
            for interface in wanted + ["internal", "public"]:
                for one in self.catalog:
                    for at in one["endpoints"] if one["type"] == kind else []:
                        if at["interface"] == interface and region in (None, at.get("region_id"), at.get("region")):
                            url, version = at["url"].rstrip("/"), self.versions.get(service)
                            return url if not version or url.endswith("/" + version) else url + "/" + version
        raise Stop("the catalog has no endpoint of %s%s" % (service, " in region " + region if region else ""))

    def send(self, method, url, body, headers):
        data = None if body is None else json.dumps(body).encode()
        headers = dict(headers, Accept="application/json", **{"Content-Type": "application/json"})
        if self.token:
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        # Before nova answers to a change, it may wait a minute for a compute.
        seconds = 60 if method == "GET" else 100
        try:
            with urllib.request.urlopen(request, timeout=seconds, context=self.tls) as answer:
                return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode("utf-8", "replace")

    # What was sent may have been done, unless nobody took it: only then is more than a question asked again.
    def patiently(self, method, url, body, headers, what):
        until = time.monotonic() + self.patience
        while True:
            try:
                status, answered, text = self.send(method, url, body, headers)
                if status not in (502, 503, 504) or (status != 503 and method != "GET"):
                    return status, answered, text
                why = "HTTP %d %s" % (status, reason_of(text))
            except OSError as error:
                reason = getattr(error, "reason", error)
                why = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
                if method != "GET" and not isinstance(reason, ConnectionRefusedError):
                    raise Stop("asking for %s: %s %s: %s" % (what, method, url, why))
            if time.monotonic() >= until:
                raise Stop("asking for %s: %s %s: %s, for %d s" % (what, method, url, why.strip(), self.patience))
            time.sleep(0.5)

    # As Queens has nova: services by id, networks none, flavors in servers.
    def call(self, method, service, path, body=None, ok=(200, 201, 202, 204), missing=False, version="2.53"):
        url, headers = self.endpoint(service) + path, {}
        if service == "compute":
            headers = {"OpenStack-API-Version": "compute " + version, "X-OpenStack-Nova-API-Version": version}
        if service == "placement":
            headers = {"OpenStack-API-Version": "placement 1.6"}
        for fresh in (False, True):
            status, answered, text = self.patiently(method, url, body, headers, service)
            if status != 401 or fresh:
                break
            self.login()
        # What is not there, or not yet in this release.
        if status in (404, 406) and missing:
            return None
        if status not in ok:
            raise Stop("%s %s %s: HTTP %d %s" % (method, service, path.split("?")[0], status, reason_of(text)))
        return json.loads(text) if text.strip() else {}

    def all(self, service, path, key):
        found, query = [], urllib.parse.urlparse(path).query
        bare = path.split("?")[0]
        while True:
            page = self.call("GET", service, bare + ("?" + query if query else ""))
            found += page[key]
            following = [one["href"] for one in page.get(key + "_links", []) if one["rel"] == "next"]
            if not following or not page[key]:
                return found
            query = urllib.parse.urlparse(following[0]).query

class Waiting:
    def __init__(self, seconds):
        self.began, self.seconds, self.pause = time.monotonic(), seconds, 0.1

    def spent(self):
        return int(round(time.monotonic() - self.began))

    def rest(self, what):
        if time.monotonic() - self.began >= self.seconds:
            raise Stop("after %d s it still waits for %s" % (self.seconds, what))
        time.sleep(self.pause)
        self.pause = min(2, self.pause * 1.5)

def quoted(value):
    return urllib.parse.quote(value, safe="")

def explained(error):
    return str(error) if isinstance(error, Stop) else "%s: %s" % (type(error).__name__, error)

def told(work):
    try:
        found = work()
    except Exception as error:
        found = {"error": explained(error)}
    print(json.dumps(found))

def done(work):
    try:
        work()
    except Exception as error:
        sys.stdout.flush()
        print("%s: %s" % (what, explained(error)), file=sys.stderr)
        sys.exit(1)
