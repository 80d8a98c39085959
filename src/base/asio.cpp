// The compiled half of Asio: BOOST_ASIO_SEPARATE_COMPILATION asks for it in exactly one place.
#include <boost/asio/impl/src.hpp>
