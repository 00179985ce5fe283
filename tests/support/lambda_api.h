#pragma once

#include <string>
#include <vector>

#include "tests/support/json.h"
#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// Lambda's own API, and S3's, on a port of 127.0.0.1, as tests/programs/lambda_api.py plays them:
/// functions, layers and URLs that are kept as long as the object. It needs python3.
class LambdaApi {
  public:
    LambdaApi();

    /// The value for --endpoint-url.
    std::string url() const;

    /// The calls that change something, since the last time this was asked: each with /method,
    /// /path and /body, where a zip is the name of a file.
    std::vector<Json> calls();
    /// Where a zip is that came in a call.
    std::string path_of(const std::string& zip) const { return folder_.path_of(zip); }

    /// The next such call, of a method and the last part of a path ("PUT code"), is refused.
    void refuse(const std::string& call, int status, const std::string& error,
                const std::string& message);
    /// How often somebody has to look until a function is ready that is new or changed from now on.
    void set_looks(int looks);
    /// No function that is new or changed from now on will work, for this reason; empty for none.
    void set_broken(const std::string& reason);

  private:
    TaskRoot folder_;
    Program server_;
    std::string port_;
    std::size_t read_ = 0;
};

}  // namespace forklift::test
