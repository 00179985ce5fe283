#include "local/package/place.h"

#include <algorithm>

#include "local/package/image.h"

namespace forklift::package {

namespace fs = std::filesystem;

namespace {

/// What Lambda sets for a custom runtime.
constexpr std::string_view usual_path = "/usr/local/bin:/usr/bin:/bin:/opt/bin";

bool is_folder_of_image(std::string_view folder) {
    return folder == "/usr/bin" || folder == "/bin" || folder == "/usr/sbin" || folder == "/sbin";
}

std::string name_under(std::string_view root, const fs::path& path) {
    const fs::path name = path.lexically_normal().lexically_relative(root);
    return name.empty() || *name.begin() == ".." ? std::string() : name.string();
}

}  // namespace

std::string Place::name_of(const fs::path& path) const { return name_under(root(), path); }

const Entry* Place::file(const fs::path& path) const {
    const std::string name = name_of(path);
    if (const Entry* own = name.empty() ? nullptr : content.file(name)) return own;
    const std::string in_layers = layers ? name_under("/opt", path) : std::string();
    return in_layers.empty() ? nullptr : layers->file(in_layers);
}

Place::Answer Place::find_at(const std::string& path) const {
    const fs::path whole = fs::path(path).lexically_normal();
    if (file(whole)) return Answer::present;
    if (!name_of(whole).empty()) return Answer::missing;
    const std::string_view other = is_layer ? "/var/task/" : "/opt/";
    const bool is_known = layers && !is_layer;
    if (whole.string().starts_with(other)) return is_known ? Answer::missing : Answer::present;
    return is_folder_of_image(whole.parent_path().string()) &&
                   image_has_program(whole.filename().string())
               ? Answer::present
               : Answer::missing;
}

Place::Answer Place::find_on_path(const std::string& name, std::string_view search_path) const {
    if (image_has_program(name)) return Answer::present;
    std::string_view rest = search_path.empty() ? usual_path : search_path;
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (file(fs::path(folder) / name)) return Answer::present;
    }
    return content.file("bin/" + name) ? Answer::if_path_is_set : Answer::missing;
}

}  // namespace forklift::package
