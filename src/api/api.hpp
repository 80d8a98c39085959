#pragma once

#include <optional>

#include "api/cors.hpp"
#include "api/http_types.hpp"
#include "api/language.hpp"
#include "api/router.hpp"
#include "api/routes.hpp"
#include "api/services.hpp"
#include "base/worker_pool.hpp"

namespace izpo::api {

// The whole of what is served over HTTP. Immutable after construction, so safe from any loop. It must outlive
// every request, and be made after the loops and destroyed before them.
class Api : public Application {
 public:
  Api(Services services, Options options);

  Task<Response> handle(Request& request) override;
  Response refuse(const Error& error, const Request& request) override;

 private:
  Task<Result<Response>> answer(Request& request, Language language, std::optional<UserId>& caller);
  void finish(const Request& request, Response& response) const;

  Services services_;
  Options options_;
  Routes routes_;
  Router router_;
  Cors cors_;
  WorkerPool disk_;
};

}  // namespace izpo::api
