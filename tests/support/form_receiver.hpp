#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/multipart.hpp"

namespace izpo::wire::test {

// Collects what a form says, as "name<filename>=data" for each part; at the end "end" or "refused".
class FormReceiver {
 public:
  explicit FormReceiver(std::string_view boundary) : parser_(boundary) {}

  void feed(std::string_view input) {
    using Kind = MultipartParser::Event::Kind;
    while (!over_) {
      const auto event = parser_.next(input);
      if (!event) return finish("refused");
      switch (event->kind) {
        case Kind::kNeedInput: return;
        case Kind::kPart: begin(parser_.part()); break;
        case Kind::kData: seen_.back() += event->data; break;
        case Kind::kPartEnd: break;
        case Kind::kEnd: return finish("end");
      }
    }
  }

  const std::vector<std::string>& seen() const { return seen_; }

 private:
  void begin(const PartHead& head) {
    seen_.push_back(head.name + (head.filename ? "<" + *head.filename + ">" : "") + "=");
  }
  void finish(const char* how) {
    over_ = true;
    seen_.emplace_back(how);
  }

  MultipartParser parser_;
  std::vector<std::string> seen_;
  bool over_ = false;
};

}  // namespace izpo::wire::test
