#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace forklift::test {

/// A folder of the test's own with the files of a function in it; it goes with the object.
class TaskRoot {
  public:
    TaskRoot();
    TaskRoot(const TaskRoot&) = delete;
    TaskRoot& operator=(const TaskRoot&) = delete;
    ~TaskRoot();

    std::string path() const { return path_.string(); }
    std::string path_of(const std::string& name) const { return (path_ / name).string(); }

    /// Writes an executable file; returns `name`.
    std::string executable(const std::string& name, std::string_view text);
    /// Writes an executable shell script around `lines`; returns `name`.
    std::string script(const std::string& name, std::string_view lines);
    /// Writes a file that is not executable; returns `name`.
    std::string file(const std::string& name, std::string_view text);

    /// Waits until a program under test has made the file `name`; returns what stands in it.
    std::string wait_for_file(const std::string& name) const;

  private:
    std::filesystem::path path_;
};

/// The whole of a file.
std::string read_file(const std::string& path);

/// The helper program of that name, from tests/programs.
std::string helper(const std::string& name);

}  // namespace forklift::test
