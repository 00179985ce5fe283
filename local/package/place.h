#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "local/package/content.h"

namespace forklift::package {

/// Where Lambda unpacks a zip, and what it holds there: what a program can find at run time.
struct Place {
    const Content& content;
    /// The files of all layers that the function will have besides, under /opt; null when they are
    /// not known.
    const Content* layers = nullptr;

    /// A layer; else a function.
    bool is_layer() const { return content.root() == "/opt"; }

    /// Who is to be there for a name on PATH, or an absolute path.
    enum class Answer {
        present,
        /// In the zip's bin/, which is not on a function's PATH unless its configuration says so.
        if_path_is_set,
        missing
    };
    /// A program by its name, as PATH has it. `search_path` is the program's PATH if that is
    /// known, else empty.
    Answer find_on_path(const std::string& name, std::string_view search_path = {}) const;
    /// A program by its absolute path. What lies where the other kind of zip is unpacked counts as
    /// present when it cannot be seen from here.
    Answer find_at(const std::string& path) const;

    /// The file at an absolute path, of the zip or of a layer that is known; else null.
    const Entry* file(const std::filesystem::path& path) const;
};

}  // namespace forklift::package
