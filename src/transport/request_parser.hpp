#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "api/http_types.hpp"
#include "base/result.hpp"
#include "transport/options.hpp"

namespace izpo::transport {

// Finds the end of a request's head in bytes that arrive in pieces, and refuses lines that two servers could
// read differently: a bare LF, and a folded field (RFC 9112 §2.2, §5.2).
class HeadScanner {
 public:
  enum class Found : std::uint8_t { kPart, kWhole, kBad };

  // `input` begins with the head and holds what was there at the last call, and more.
  Found scan(std::string_view input);

  std::size_t size() const { return line_; }  // of the head, with its empty line; when kWhole

 private:
  std::size_t line_ = 0;  // where the line begins that is looked at
  std::size_t seen_ = 0;  // up to here there is no LF in it
};

// Reads the head of one request. Syntax is Beast's; this closes what Beast lets through: other transfer
// codings than chunked, Content-Length said twice, a missing or second Host. Bodies are left to wire/chunked:
// Beast 1.81 asserts on a last chunk that comes byte by byte.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  // Fills `request`, which must outlive the parser.
  RequestParser(api::Request& request, const Limits& limits);

  // `head` as HeadScanner found it. Once. Fails with kMalformedRequest or kHeadersTooLarge.
  Result<void> parse(std::string_view head);

  // After it succeeded:
  bool keep_alive() const { return Base::keep_alive(); }
  bool http_1_0() const { return http_1_0_; }
  bool expects_continue() const { return expects_continue_; }
  std::optional<std::uint64_t> content_length() const;  // 0 when there is no body, nullopt when it is chunked

 private:
  using Base = boost::beast::http::basic_parser<true>;
  using Text = boost::beast::string_view;
  using Code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       Code& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value, Code& error) override;
  // Of no use here:
  void on_response_impl(int, Text, int, Code&) override {}
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text, Code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text, Code&) override { return 0; }
  void on_finish_impl(Code&) override {}

  void take_absolute_form();
  bool is_websocket_upgrade() const;

  api::Request& request_;
  const Limits& limits_;
  bool has_host_ = false;
  bool has_length_ = false;
  bool http_1_0_ = false;
  bool expects_continue_ = false;
};

}  // namespace izpo::transport
