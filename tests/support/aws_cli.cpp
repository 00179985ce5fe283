#include "tests/support/aws_cli.h"

#include "tests/support/bootstrap.h"

namespace forklift::test {

Variables aws_cli_environment(const std::string& home) {
    Variables environment = usual_environment();
    environment.insert({{"AWS_ACCESS_KEY_ID", "none"},
                        {"AWS_SECRET_ACCESS_KEY", "none"},
                        {"AWS_DEFAULT_REGION", "eu-west-1"},
                        {"AWS_EC2_METADATA_DISABLED", "true"},
                        {"AWS_CONFIG_FILE", "/dev/null"},
                        {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
                        {"AWS_MAX_ATTEMPTS", "1"},
                        {"HOME", home}});
    return environment;
}

}  // namespace forklift::test
