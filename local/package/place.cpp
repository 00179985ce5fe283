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

}  // namespace

const Entry* Place::file(const fs::path& path) const {
    const Destination led = content.follow(path.string());
    if (led.where == Destination::Where::outside) return layers ? layers->file(led.path) : nullptr;
    return content.file(path.string());
}

Place::Answer Place::find_at(const std::string& path) const {
    if (file(path)) return Answer::present;
    const Destination led = content.follow(path);
    if (led.where != Destination::Where::outside) return Answer::missing;
    const bool is_known = layers && !is_layer();
    if (led.path.starts_with(is_layer() ? "/var/task/" : "/opt/"))
        return is_known ? Answer::missing : Answer::present;
    const fs::path program = led.path;
    return is_folder_of_image(program.parent_path().string()) &&
                   image_has_program(program.filename().string())
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
