#include "local/package/unwanted.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <string>
#include <string_view>
#include <vector>

#include "local/package/ignore_rules.h"
#include "process/file.h"

namespace forklift::package {

namespace {

/// What may hold a secret is worth a look at each.
constexpr std::size_t most_named = 20;
/// Names of files and folders, as globs, in whatever case. One with a slash has the name of the
/// folder that it is in.
constexpr const char* secrets[] = {".env",
                                   ".env.*",
                                   "*.env",
                                   ".env~",
                                   ".envrc",
                                   "*.pem",
                                   "*.key",
                                   "*.p12",
                                   "*.pfx",
                                   "*.jks",
                                   "*.keystore",
                                   "*.kdbx",
                                   "*.ppk",
                                   "id_rsa",
                                   "id_dsa",
                                   "id_ecdsa",
                                   "id_ed25519",
                                   ".aws",
                                   ".azure",
                                   ".config/gcloud",
                                   ".ssh",
                                   ".gnupg",
                                   ".kube",
                                   "kubeconfig",
                                   ".docker",
                                   ".dockercfg",
                                   ".netrc",
                                   "_netrc",
                                   ".npmrc",
                                   ".pypirc",
                                   ".pgpass",
                                   ".my.cnf",
                                   ".boto",
                                   ".s3cfg",
                                   ".htpasswd",
                                   ".git-credentials",
                                   ".terraformrc",
                                   ".vault-token",
                                   ".bash_history",
                                   "credentials.json",
                                   "service-account*.json",
                                   "secrets.json",
                                   "secrets.yml",
                                   "secrets.yaml",
                                   "*.tfstate",
                                   "*.tfstate.*",
                                   "*.tfvars"};
constexpr const char* examples_of_secrets[] = {".env.example", ".env.sample", ".env.template",
                                               ".env.dist"};
constexpr const char* needless[] = {".vscode",
                                    ".idea",
                                    "__pycache__",
                                    "*.pyc",
                                    ".pytest_cache",
                                    ".mypy_cache",
                                    ".ruff_cache",
                                    ".tox",
                                    ".nox",
                                    ".venv",
                                    ".ipynb_checkpoints",
                                    ".coverage",
                                    ".DS_Store",
                                    "__MACOSX",
                                    "Thumbs.db",
                                    "desktop.ini",
                                    "node_modules/.cache",
                                    ".nyc_output",
                                    "npm-debug.log",
                                    ".terraform",
                                    ".serverless",
                                    ".aws-sam",
                                    ".hg",
                                    ".svn",
                                    "*.swp",
                                    "*~"};

/// The first glob that matches the name that ends a path; null when none does.
template <std::size_t size>
const char* glob_for(const char* const (&globs)[size], const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    for (const char* glob : globs) {
        const bool has_folder = std::string_view(glob).find('/') != std::string_view::npos;
        if (!has_folder && ::fnmatch(glob, name.c_str(), FNM_CASEFOLD) == 0) return glob;
        if (has_folder && (path == glob || path.ends_with('/' + std::string(glob)))) return glob;
    }
    return nullptr;
}

/// Certificates alone are for everybody, and many libraries bring some.
bool holds_certificates_alone(const Entry& entry) {
    constexpr std::size_t enough = 4 * 1024 * 1024;
    std::error_code error;
    const std::string text = process::read_plain_file(entry.source.string(), enough, error);
    return text.find("-----BEGIN CERTIFICATE") != text.npos &&
           text.find("PRIVATE KEY") == text.npos;
}

/// What is found of one kind: files, or folders that are meant whole.
class Found {
  public:
    void add(const std::string& path, const char* glob) {
        if (!paths_.empty() && paths_.back() == path) return;
        if (paths_.empty()) glob_ = glob;
        paths_.push_back(path);
    }

    void report(std::string_view what, Findings& findings) const {
        if (paths_.empty()) return;
        findings.warnings.push_back(
            fmt::format("{}: {}; a line in {} leaves out what it matches, as --exclude '{}' does",
                        some_of(paths_, most_named), what, ignore_file_name, glob_));
    }

  private:
    std::vector<std::string> paths_;
    const char* glob_ = "";
};

/// Looks at every folder on the way to an entry, and at the entry.
void look_at(const Entry& entry, Found& secret, Found& of_no_use) {
    for (auto end = entry.name.find('/');; end = entry.name.find('/', end + 1)) {
        const std::string path = entry.name.substr(0, end);
        if (const char* glob = glob_for(needless, path)) return of_no_use.add(path, glob);
        if (const char* glob = glob_for(secrets, path)) {
            const bool is_pem = end == entry.name.npos && path.ends_with(".pem");
            if (glob_for(examples_of_secrets, path)) return;
            if (is_pem && holds_certificates_alone(entry)) return;
            return secret.add(path, glob);
        }
        if (end == entry.name.npos) return;
    }
}

}  // namespace

void check_unwanted(const Content& content, Findings& findings) {
    Found secret;
    Found of_no_use;
    for (const Entry& entry : content.entries()) look_at(entry, secret, of_no_use);
    secret.report(
        "this looks like secrets, which everybody can read who may read the function's code",
        findings);
    of_no_use.report("this is of no use in Lambda", findings);
}

}  // namespace forklift::package
