#include "bench/options.h"

#include <charconv>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace forklift::bench {
namespace {

/// `{"data":""}`: no event is shorter.
constexpr std::size_t least_event = 11;

/// The command line as it stands, before defaults that depend on each other are filled in.
struct Raw {
    Options options;
    std::string child;
    std::string handler;
    std::string task_root;
    std::string bootstrap;
    std::string forklift;
    std::vector<Contender> peers;
    bool worker = false;
    bool serve = false;
};

template <typename Number>
Number to_number(std::string_view name, std::string_view value, Number least) {
    Number number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < least)
        throw std::invalid_argument(std::string(name) + " takes a number of at least " +
                                    std::to_string(least));
    return number;
}

bool is_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    return equals != word.npos && word.find('/') > equals;
}

/// NAME=COMMAND, where words of the form NAME=value before the program are its environment.
Contender to_peer(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos) throw std::invalid_argument("--peer takes NAME=COMMAND");
    Contender peer{text.substr(0, equals), {}, {}};
    std::istringstream words(text.substr(equals + 1));
    for (std::string word; words >> word;) {
        const bool for_environment = peer.argv.empty() && is_assignment(word);
        (for_environment ? peer.environment : peer.argv).push_back(word);
    }
    if (peer.argv.empty()) throw std::invalid_argument("--peer without a command: " + text);
    // It is started in the task root; a bare name is looked for on PATH.
    auto& program = peer.argv[0];
    if (program.find('/') != program.npos) program = std::filesystem::absolute(program);
    return peer;
}

/// A file that the command line names, as seen from everywhere.
std::string to_file(const std::string& name) {
    const auto path = std::filesystem::absolute(name);
    if (!std::filesystem::exists(path))
        throw std::invalid_argument(path.string() + " does not exist");
    return path;
}

/// True when `name` is an option without a value, which is then noted.
bool take_flag(Raw& raw, std::string_view name) {
    if (name == "--worker") return raw.worker = true;
    if (name == "--serve") return raw.serve = true;
    if (name == "--check") return raw.options.check = true;
    if (name == "--help") return raw.options.help = true;
    return false;
}

void take_value(Raw& raw, std::string_view name, const std::string& value) {
    Options& options = raw.options;
    if (name == "--events")
        options.events = to_number(name, value, 1);
    else if (name == "--block")
        options.block = to_number(name, value, 1);
    else if (name == "--cold")
        options.cold = to_number(name, value, 0);
    else if (name == "--event-size")
        options.event_size = to_number(name, value, least_event);
    else if (name == "--child")
        raw.child = value;
    else if (name == "--handler")
        raw.handler = value;
    else if (name == "--task-root")
        raw.task_root = value;
    else if (name == "--forked")
        options.forked = to_file(value);
    else if (name == "--bootstrap")
        raw.bootstrap = value;
    else if (name == "--forklift")
        raw.forklift = value;
    else if (name == "--peer")
        raw.peers.push_back(to_peer(value));
    else
        throw std::invalid_argument("unknown option " + std::string(name));
}

/// The program of that name in the folder of this one, or the one that the command line names.
std::string locate(const std::string& named, const char* name) {
    const std::filesystem::path beside =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
    const std::filesystem::path path = named.empty() ? beside : std::filesystem::absolute(named);
    if (!std::filesystem::exists(path))
        throw std::invalid_argument(path.string() + " does not exist; build it, or name another" +
                                    " with --bootstrap or --forklift");
    return path;
}

Function make_function(const Raw& raw) {
    if (!raw.handler.empty() && (raw.worker || !raw.child.empty()))
        throw std::invalid_argument(
            "--handler names the function; --worker and --child go without");
    Function function;
    function.task_root = to_file(raw.task_root.empty() ? "." : raw.task_root);
    if (!raw.handler.empty()) {
        function.kind = Function::Kind::handler;
        function.name = raw.handler;
        return function;
    }
    const std::string usual = raw.worker ? locate("", "line_worker") : "/bin/cat";
    if (raw.worker) function.kind = Function::Kind::worker;
    function.name = raw.child.empty() ? usual : to_file(raw.child);
    function.echoes = function.name == usual;
    return function;
}

/// Those that the function's kind asks for: the least it could cost, and bootstrap.
std::vector<Contender> make_contenders(const Raw& raw, const Options& options) {
    const std::string bootstrap = locate(raw.bootstrap, "bootstrap");
    const std::vector<std::string> pipe_loop{locate("", "bare_pipe_loop")};
    std::vector<Contender> contenders;
    switch (options.function.kind) {
        case Function::Kind::forked:
            contenders = {{"bare loop", {locate("", "bare_loop")}, {}},
                          {"bootstrap", {bootstrap}, {}}};
            break;
        case Function::Kind::worker:
            contenders = {
                {"bare pipe loop", pipe_loop, {}},
                {"bootstrap", {bootstrap}, {"FORKLIFT_MODE=worker", "FORKLIFT_FRAMING=lines"}}};
            break;
        case Function::Kind::handler:
            contenders = {{"bare pipe loop", {pipe_loop[0], locate("", "line_worker")}, {}},
                          {"bootstrap", {bootstrap}, {}}};
            break;
    }
    if (!options.forked.empty())
        contenders.push_back(
            {"forked", {bootstrap}, {"_HANDLER=" + options.forked, "FORKLIFT_MODE=fork"}});
    contenders.insert(contenders.end(), raw.peers.begin(), raw.peers.end());
    return contenders;
}

}  // namespace

Options parse_options(int argc, char** argv) {
    Raw raw;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (take_flag(raw, name)) continue;
        if (i + 1 == argc) throw std::invalid_argument("what is " + std::string(name) + "?");
        take_value(raw, name, argv[++i]);
    }
    Options& options = raw.options;
    if (options.help) return options;
    options.function = make_function(raw);
    if (!options.forked.empty() && options.function.kind == Function::Kind::forked)
        throw std::invalid_argument("--forked goes with --worker or --handler");
    options.contenders = make_contenders(raw, options);
    if (raw.serve) options.serve = locate(raw.forklift, "forklift");
    return options;
}

const char* const usage =
    "usage: forklift-bench [OPTIONS]\n"
    "Measures bootstrap against the least that its work can cost, in turns within one run.\n"
    "\n"
    "The function:\n"
    "  --child FILE          an executable, started for every event (/bin/cat)\n"
    "  --worker              the child stays instead: it reads a line for each event and writes\n"
    "                        one (line_worker, beside this program)\n"
    "  --handler NAME        a file.function instead\n"
    "  --task-root DIR       the function's folder, which all clients start in (the current one)\n"
    "Beside bootstrap and a bare loop in C:\n"
    "  --forked FILE         bootstrap in fork mode, with FILE for the function\n"
    "  --peer NAME=COMMAND   any Runtime API client; may be given often. COMMAND is split at\n"
    "                        spaces and may begin with NAME=value words\n"
    "  --serve               forklift serve\n"
    "How much:\n"
    "  --events N            events for each client (2000)\n"
    "  --block N             events in one turn (20)\n"
    "  --event-size BYTES    size of an event, which is JSON (1024)\n"
    "  --cold N              cold starts of each client (20)\n"
    "Else:\n"
    "  --bootstrap FILE      the bootstrap to measure (the one beside this program)\n"
    "  --forklift FILE       the forklift for --serve (the one beside this program)\n"
    "  --check               exit with 1 when an aim is missed\n"
    "  --help                print this\n";

}  // namespace forklift::bench
