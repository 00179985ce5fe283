#include "tests/support/image_store.h"

#include <unistd.h>

#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

namespace forklift::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* played[] = {"docker.io/library/debian:12-slim", "docker.io/library/gcc:14",
                                  "public.ecr.aws/lambda/provided:al2023"};

/// What programs are found by, and need, as far as it is here: arm64 has no /usr/lib64. Not
/// /usr/local, which is the image's own.
std::vector<std::string> mounted() {
    std::vector<std::string> folders;
    for (const char* folder :
         {"/usr/bin", "/usr/lib", "/usr/lib64", "/usr/include", "/usr/share", "/etc/alternatives"})
        if (fs::is_directory(folder)) folders.emplace_back(folder);
    return folders;
}

/// Podman as the first process of a namespace, so that nothing of it outlives a test. crun takes
/// only the second version of control groups. The locks that Podmans share in /dev/shm are not for
/// those of tests that run side by side.
const std::string enter_cgroups =
    "[ -e /sys/fs/cgroup/cgroup.controllers ] ||"
    " { umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup; } || exit\n"
    "mount -t tmpfs none /dev/shm || exit\n";
const std::string enter = enter_cgroups + "exec podman \"$@\"";

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
}

std::string succeed(const ProgramOptions& program) {
    const auto finished = run_program(program, std::chrono::seconds(100));
    INFO(finished.output << finished.errors);
    REQUIRE(finished.exit == 0);
    return finished.output;
}

}  // namespace

bool ImageStore::is_possible() {
    if (!has_tool("podman") || !has_tool("crun") || !has_tool("unshare")) return false;
    if (::geteuid() != 0) {
        WARN("not tested: images are made and run here by root only");
        return false;
    }
    const auto entered = run_program({.argv = {"unshare", "--mount", "--pid", "--fork",
                                               "--mount-proc", "sh", "-c", enter_cgroups},
                                      .environment = usual_environment()});
    if (entered.exit != 0) WARN("not tested: no namespace can be made here: " << entered.errors);
    return entered.exit == 0;
}

ImageStore::ImageStore() {
    for (const auto& folder : mounted()) fs::create_directories(files_.path_of("base") + folder);
    for (const char* folder : {"bin", "lib", "lib64"})
        fs::create_directory_symlink("usr/" + std::string(folder),
                                     files_.path_of("base/" + std::string(folder)));
    files_.file("base.Dockerfile",
                "FROM scratch\nCOPY base /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n");
    std::vector<std::string> arguments = {"build", "--quiet", "--file",
                                          files_.path_of("base.Dockerfile")};
    for (const char* name : played) append(arguments, {"--tag", name});
    arguments.push_back(files_.path());
    succeed(podman(arguments));
}

void ImageStore::build(const std::string& name, const std::string& kind, const std::string& folder,
                       const std::vector<std::string>& options) const {
    const auto programs = fs::path(static_program("bootstrap")).parent_path().string();
    std::vector<std::string> arguments = {"--build-context", "forklift=" + programs, "--tag", name};
    append(arguments, options);
    arguments.push_back(folder);
    const auto finished = try_build(kind, arguments);
    INFO(finished.output << finished.errors);
    REQUIRE(finished.exit == 0);
}

Finished ImageStore::try_build(const std::string& kind,
                               const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {
        "build",
        "--layers=false",
        "--isolation=chroot",
        "--pull=never",
        "--file",
        FORKLIFT_SOURCE_DIR "/packaging/images/" + kind + "/Dockerfile"};
    append(command, programs_of_this_machine());
    append(command, arguments);
    return run_program(podman(command), std::chrono::seconds(100));
}

std::string ImageStore::inspect(const std::string& name) const {
    return succeed(podman({"image", "inspect", name}));
}

ProgramOptions ImageStore::container(const std::string& image,
                                     const ContainerOptions& options) const {
    // The limits are Lambda's; Podman's own are above what this machine may allow.
    std::vector<std::string> command = {"run",
                                        "--rm",
                                        "--network=host",
                                        "--cgroups=disabled",
                                        "--ulimit=nofile=1024:1024",
                                        "--ulimit=nproc=1024:1024"};
    append(command, options.podman);
    for (const auto& [name, value] : options.environment)
        command.push_back("--env=" + name + "=" + value);
    command.push_back(image);
    append(command, options.arguments);
    return podman(command);
}

std::vector<std::string> ImageStore::programs_of_this_machine() {
    std::vector<std::string> options;
    for (const auto& folder : mounted())
        options.push_back("--volume=" + folder + ":" + folder + ":ro");
    return options;
}

ProgramOptions ImageStore::podman(const std::vector<std::string>& arguments) const {
    ProgramOptions program;
    program.argv = {"unshare",      "--mount", "--pid", "--fork", "--kill-child",
                    "--mount-proc", "sh",      "-c",    enter,    "sh"};
    append(program.argv,
           {"--root=" + files_.path_of("images"), "--runroot=" + files_.path_of("run"),
            "--tmpdir=" + files_.path_of("tmp"), "--storage-driver=vfs",
            "--cgroup-manager=cgroupfs", "--events-backend=none", "--runtime=crun"});
    append(program.argv, arguments);
    program.environment = usual_environment();
    program.environment["HOME"] = files_.path();
    return program;
}

}  // namespace forklift::test
