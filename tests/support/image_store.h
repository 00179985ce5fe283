#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// How an image is run.
struct ContainerOptions {
    /// Options of `podman run`.
    std::vector<std::string> podman = {};
    Variables environment = {};
    /// In the place of the image's CMD.
    std::vector<std::string> arguments = {};
};

/// Podman, with images of its own for as long as the object lives. It needs root, and asks no
/// registry: each image that the Dockerfiles of packaging/images are made from is played by an
/// empty one in which the programs of this machine are mounted.
class ImageStore {
  public:
    /// Whether that can be had here; WARNs when not.
    static bool is_possible();

    ImageStore();

    /// Makes the image `name` by packaging/images/KIND/Dockerfile from a folder and the static
    /// build, as docs/images.md has it. Fails the test when that fails.
    void build(const std::string& name, const std::string& kind, const std::string& folder,
               const std::vector<std::string>& options = {}) const;
    /// `podman build` of such a Dockerfile with these arguments alone.
    Finished try_build(const std::string& kind, const std::vector<std::string>& arguments) const;
    /// What `podman image inspect` says of the image, a JSON array.
    std::string inspect(const std::string& name) const;

    /// A container of the image in this machine's network. The process that is started has one
    /// child, Podman, which hands signals on; both end with the container, and it with them.
    ProgramOptions container(const std::string& image, const ContainerOptions& options = {}) const;

    /// Options of `podman run` for images whose base is played.
    static std::vector<std::string> programs_of_this_machine();

  private:
    ProgramOptions podman(const std::vector<std::string>& arguments) const;

    TaskRoot files_;
};

}  // namespace forklift::test
