#include "local/api_operation.h"

#include <algorithm>

namespace forklift::local {

namespace {

/// One path of the API, and what each method does there.
struct Resource {
    /// Without the slashes around it; * is one segment of any name.
    std::string_view path;
    /// A method and the name of its operation, one pair after the other.
    std::string_view operations;
};

/// "Actions" of https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html, in order.
constexpr Resource resources[] = {
    {"2014-11-13/functions/*/invoke-async", "POST InvokeAsync"},
    {"2015-03-31/event-source-mappings",
     "GET ListEventSourceMappings POST CreateEventSourceMapping"},
    {"2015-03-31/event-source-mappings/*",
     "DELETE DeleteEventSourceMapping GET GetEventSourceMapping PUT UpdateEventSourceMapping"},
    {"2015-03-31/functions", "GET ListFunctions POST CreateFunction"},
    {"2015-03-31/functions/*", "DELETE DeleteFunction GET GetFunction"},
    {"2015-03-31/functions/*/aliases", "GET ListAliases POST CreateAlias"},
    {"2015-03-31/functions/*/aliases/*", "DELETE DeleteAlias GET GetAlias PUT UpdateAlias"},
    {"2015-03-31/functions/*/code", "PUT UpdateFunctionCode"},
    {"2015-03-31/functions/*/configuration",
     "GET GetFunctionConfiguration PUT UpdateFunctionConfiguration"},
    {"2015-03-31/functions/*/invocations", "POST Invoke"},
    {"2015-03-31/functions/*/policy", "GET GetPolicy POST AddPermission"},
    {"2015-03-31/functions/*/policy/*", "DELETE RemovePermission"},
    {"2015-03-31/functions/*/versions", "GET ListVersionsByFunction POST PublishVersion"},
    {"2016-08-19/account-settings", "GET GetAccountSettings"},
    {"2017-03-31/tags/*", "DELETE UntagResource GET ListTags POST TagResource"},
    {"2017-10-31/functions/*/concurrency",
     "DELETE DeleteFunctionConcurrency PUT PutFunctionConcurrency"},
    {"2018-10-31/layers", "GET ListLayers"},
    {"2018-10-31/layers/*/versions", "GET ListLayerVersions POST PublishLayerVersion"},
    {"2018-10-31/layers/*/versions/*", "DELETE DeleteLayerVersion GET GetLayerVersion"},
    {"2018-10-31/layers/*/versions/*/policy",
     "GET GetLayerVersionPolicy POST AddLayerVersionPermission"},
    {"2018-10-31/layers/*/versions/*/policy/*", "DELETE RemoveLayerVersionPermission"},
    {"2019-09-25/functions/*/event-invoke-config",
     "DELETE DeleteFunctionEventInvokeConfig GET GetFunctionEventInvokeConfig POST "
     "UpdateFunctionEventInvokeConfig PUT PutFunctionEventInvokeConfig"},
    {"2019-09-25/functions/*/event-invoke-config/list", "GET ListFunctionEventInvokeConfigs"},
    {"2019-09-30/functions/*/concurrency", "GET GetFunctionConcurrency"},
    {"2019-09-30/functions/*/provisioned-concurrency",
     "DELETE DeleteProvisionedConcurrencyConfig GET GetProvisionedConcurrencyConfig PUT "
     "PutProvisionedConcurrencyConfig"},
    {"2020-04-22/code-signing-configs", "GET ListCodeSigningConfigs POST CreateCodeSigningConfig"},
    {"2020-04-22/code-signing-configs/*",
     "DELETE DeleteCodeSigningConfig GET GetCodeSigningConfig PUT UpdateCodeSigningConfig"},
    {"2020-04-22/code-signing-configs/*/functions", "GET ListFunctionsByCodeSigningConfig"},
    {"2020-06-30/functions/*/code-signing-config",
     "DELETE DeleteFunctionCodeSigningConfig GET GetFunctionCodeSigningConfig PUT "
     "PutFunctionCodeSigningConfig"},
    {"2021-07-20/functions/*/runtime-management-config",
     "GET GetRuntimeManagementConfig PUT PutRuntimeManagementConfig"},
    {"2021-10-31/functions/*/url",
     "DELETE DeleteFunctionUrlConfig GET GetFunctionUrlConfig POST CreateFunctionUrlConfig PUT "
     "UpdateFunctionUrlConfig"},
    {"2021-10-31/functions/*/urls", "GET ListFunctionUrlConfigs"},
    {"2021-11-15/functions/*/response-streaming-invocations", "POST InvokeWithResponseStream"},
    {"2024-08-31/functions/*/recursion-config",
     "GET GetFunctionRecursionConfig PUT PutFunctionRecursionConfig"},
    {"2025-11-30/capacity-providers", "GET ListCapacityProviders POST CreateCapacityProvider"},
    {"2025-11-30/capacity-providers/*",
     "DELETE DeleteCapacityProvider GET GetCapacityProvider PUT UpdateCapacityProvider"},
    {"2025-11-30/capacity-providers/*/function-versions",
     "GET ListFunctionVersionsByCapacityProvider"},
    {"2025-11-30/functions/*/function-scaling-config",
     "GET GetFunctionScalingConfig PUT PutFunctionScalingConfig"},
    {"2025-12-01/durable-execution-callbacks/*/fail", "POST SendDurableExecutionCallbackFailure"},
    {"2025-12-01/durable-execution-callbacks/*/heartbeat",
     "POST SendDurableExecutionCallbackHeartbeat"},
    {"2025-12-01/durable-execution-callbacks/*/succeed",
     "POST SendDurableExecutionCallbackSuccess"},
    {"2025-12-01/durable-executions/*", "GET GetDurableExecution"},
    {"2025-12-01/durable-executions/*/checkpoint", "POST CheckpointDurableExecution"},
    {"2025-12-01/durable-executions/*/history", "GET GetDurableExecutionHistory"},
    {"2025-12-01/durable-executions/*/state", "GET GetDurableExecutionState"},
    {"2025-12-01/durable-executions/*/stop", "POST StopDurableExecution"},
    {"2025-12-01/functions/*/durable-executions", "GET ListDurableExecutionsByFunction"},
};

/// What a later version of the API has under other dates.
constexpr std::string_view further_roots[] = {"2026-10-01/runtimes"};

/// Takes what stands before `separator` off `text`.
std::string_view next_piece(std::string_view& text, char separator) {
    const std::string_view piece = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    return piece;
}

bool matches(std::string_view path, const std::vector<std::string>& segments) {
    for (const std::string& segment : segments) {
        const std::string_view wanted = next_piece(path, '/');
        if (wanted.empty() || (wanted != "*" && wanted != segment)) return false;
    }
    return path.empty();
}

template <typename Predicate>
bool any_root(Predicate predicate) {
    const auto holds = [&](std::string_view path) {
        const std::string_view date = next_piece(path, '/');
        return predicate(date, next_piece(path, '/'));
    };
    return std::any_of(std::begin(resources), std::end(resources),
                       [&](const Resource& one) { return holds(one.path); }) ||
           std::any_of(std::begin(further_roots), std::end(further_roots), holds);
}

}  // namespace

bool is_api_path(const std::vector<std::string>& segments) {
    if (segments.size() < 2) return false;
    return any_root([&](auto date, auto) { return date == segments[0]; }) &&
           any_root([&](auto, auto collection) { return collection == segments[1]; });
}

std::variant<ApiOperation, NoOperation> find_operation(std::string_view method,
                                                       const std::vector<std::string>& segments) {
    NoOperation none;
    for (const auto& [path, operations] : resources) {
        if (!matches(path, segments)) continue;
        for (std::string_view rest = operations; !rest.empty();) {
            const std::string_view its_method = next_piece(rest, ' ');
            const std::string_view name = next_piece(rest, ' ');
            if (its_method == method) return ApiOperation{name};
            none.methods.append(none.methods.empty() ? "" : ", ").append(its_method);
        }
    }
    return none;
}

}  // namespace forklift::local
