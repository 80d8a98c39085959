#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

#include <boost/intrusive/list.hpp>

namespace izpo::transport {

using AutoUnlink = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;

// Something with bytes to send at the end of the tick.
class Flushable : public boost::intrusive::list_base_hook<AutoUnlink, boost::intrusive::tag<Flushable>> {
 public:
  struct Offer {
    int socket = -1;         // its descriptor
    std::size_t pieces = 0;  // 0: nothing can be written now
  };

  // Writes what there is, and acts on how that went.
  virtual void flush() = 0;

  // For one who writes for many, ahead of flush(): the front of what it would write, and then how many bytes
  // of that the socket took. Nobody is told before flush(), so neither changes another socket.
  virtual Offer offer(std::span<iovec> pieces) = 0;
  virtual void taken(std::size_t bytes) = 0;

 protected:
  Flushable() = default;
  ~Flushable() = default;
};

using FlushList = boost::intrusive::list<Flushable,
                                         boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                             AutoUnlink, boost::intrusive::tag<Flushable>>>,
                                         boost::intrusive::constant_time_size<false>>;

}  // namespace izpo::transport
