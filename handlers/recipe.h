#pragma once

#include <optional>
#include <string>
#include <vector>

#include "handlers/argument_template.h"
#include "handlers/input.h"
#include "handlers/options.h"
#include "handlers/resolve.h"
#include "process/command.h"

namespace forklift::handlers {

/// How an event becomes a run of a program: everything that can be known before the first event,
/// compiled once. Immutable, and shared by every job of the environment.
class Recipe {
  public:
    /// `resolution` is the program; the arguments after it come from `options.command`, which must
    /// compile. `environment` is what every child begins with, before the option `env`.
    Recipe(Resolution resolution, Options options, process::Environment environment,
           const std::string& task_root);

    const Options& options() const { return options_; }
    const Input& input() const { return input_; }

    /// The environment before there is an event.
    const process::Environment& environment() const { return base_.environment; }

    /// True when a run needs a directory of its own.
    bool needs_scratch() const { return options_.scratch || input_file_ || output_file_; }
    bool reads_input_file() const { return input_file_.has_value(); }
    bool writes_output_file() const { return output_file_.has_value(); }
    /// The paths of the two files in a scratch directory.
    FilePaths files_in(const std::string& directory) const;

    /// The command for one event. Its environment is the caller's to set.
    std::variant<process::Command, protocol::Failure> command(Event& event,
                                                              const FilePaths& files) const;

    /// An argument that begins with what the event holds, as it was written.
    struct OpenArgument {
        std::string text;
        /// The option before it, whose value it is if that takes one; empty when there is none.
        std::string option;

        bool operator==(const OpenArgument&) const = default;
    };

    /// The arguments that an event could make an option of: all that begin with what it holds, but
    /// for what stands behind `--` and the arguments of a script that a shell gets by -c. None
    /// where the options say that it may.
    std::vector<OpenArgument> open_to_options() const;

  private:
    bool is_script_of_shell(std::size_t argument) const;

    Options options_;
    Input input_;
    /// Program, fixed arguments, environment, folder and limits.
    process::Command base_;
    std::vector<ArgumentTemplate> arguments_;
    std::optional<FileName> input_file_;
    std::optional<FileName> output_file_;
};

}  // namespace forklift::handlers
