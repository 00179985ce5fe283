#include "local/package_inputs.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "local/package/layer.h"
#include "local/package/zip_file.h"
#include "local/usage_error.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

/// "Lambda quotas" in AWS's developer guide.
constexpr std::size_t max_layers = 5;

fs::path check_folder(const PackageOptions& options) {
    if (options.directory.empty()) {
        if (options.layer && !options.without_bootstrap) return {};
        throw UsageError("a folder to package is missing: forklift package DIR -o function.zip");
    }
    std::error_code ignored;
    const fs::path folder = fs::canonical(options.directory, ignored);
    if (folder.empty() || !fs::is_directory(folder, ignored))
        throw UsageError(fmt::format("{}: there is no such folder", options.directory));
    return folder;
}

fs::path check_output(const std::string& output) {
    std::error_code ignored;
    fs::path path = fs::absolute(output);
    if (fs::exists(path, ignored)) path = fs::canonical(path, ignored);
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
        throw UsageError(fmt::format("-o {}: it is there, and is not a plain file", output));
    if (!path.has_filename() || !fs::is_directory(path.parent_path(), ignored))
        throw UsageError(fmt::format("-o {}: there is no such folder", output));
    return path;
}

package::Content read_layers(const PackageOptions& options) {
    package::Content layers("/opt");
    for (const std::string& zip : options.with_layers) {
        std::error_code ignored;
        if (fs::exists(zip, ignored) && !fs::is_regular_file(zip, ignored))
            throw UsageError(fmt::format("--with-layer {}: it is not a regular file", zip));
        try {
            package::read_layer(zip, layers);
        } catch (const std::exception& error) {
            throw UsageError(fmt::format("--with-layer {}: {}; it should be the zip of a layer",
                                         zip, error.what()));
        }
    }
    if (options.with_layers.size() > max_layers) {
        throw UsageError(
            fmt::format("--with-layer is there {} times, and a function has {} layers "
                        "at most",
                        options.with_layers.size(), max_layers));
    }
    return layers;
}

std::time_t time_of_entries() {
    const char* const chosen = std::getenv("SOURCE_DATE_EPOCH");
    if (!chosen || !*chosen) return package::earliest_zip_time;
    const std::string_view text = chosen;
    long long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
        throw UsageError(fmt::format(
            "SOURCE_DATE_EPOCH is \"{}\"; it should be a number of seconds since 1970", text));
    }
    return static_cast<std::time_t>(seconds);
}

}  // namespace

PackageInputs read_package_inputs(const PackageOptions& options) {
    if (options.layer && !options.with_layers.empty())
        throw UsageError("--with-layer is for functions: a layer is looked at by itself");
    if (options.layer && !options.handlers.empty())
        throw UsageError("--handler is for functions: a layer has all shims");
    if (options.architecture.empty()) throw UsageError("--arch is missing: x86_64 or arm64");
    return {check_folder(options), check_output(options.output), read_layers(options),
            time_of_entries()};
}

}  // namespace forklift::local
