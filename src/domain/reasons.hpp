#pragma once

#include <array>

#include "base/error.hpp"

// Every reason a client can be given, once. api/texts holds the sentence of each in Spanish and English (a
// test fails when one is missing); docs/errors.md lists them.
namespace izpo::reason {

// Requests as such
inline constexpr Reason kValidation{ErrorCode::kInvalid, "validation_error"};
inline constexpr Reason kMalformedRequest{ErrorCode::kRejected, "malformed_request"};
inline constexpr Reason kPathNotFound{ErrorCode::kNotFound, "path_not_found"};
inline constexpr Reason kMethodNotAllowed{ErrorCode::kMethodNotAllowed, "method_not_allowed"};
inline constexpr Reason kBodyTooLarge{ErrorCode::kTooLarge, "body_too_large"};
inline constexpr Reason kHeadersTooLarge{ErrorCode::kTooLarge, "headers_too_large"};
inline constexpr Reason kRequestTimeout{ErrorCode::kTimeout, "request_timeout"};
inline constexpr Reason kUpgradeRequired{ErrorCode::kUnsupported, "upgrade_required"};
inline constexpr Reason kRateLimited{ErrorCode::kRateLimited, "rate_limited"};
inline constexpr Reason kOverloaded{ErrorCode::kUnavailable, "overloaded"};
inline constexpr Reason kShuttingDown{ErrorCode::kUnavailable, "shutting_down"};
inline constexpr Reason kStorageUnavailable{ErrorCode::kUnavailable, "storage_unavailable"};
inline constexpr Reason kStorageFull{ErrorCode::kStorageFull, "storage_full"};
inline constexpr Reason kInternal{ErrorCode::kInternal, "internal_error"};

// Accounts and logins
inline constexpr Reason kEmailTaken{ErrorCode::kRejected, "email_taken"};
inline constexpr Reason kUsernameTaken{ErrorCode::kRejected, "username_taken"};
inline constexpr Reason kUserNotFound{ErrorCode::kNotFound, "user_not_found"};
inline constexpr Reason kNotAuthenticated{ErrorCode::kUnauthenticated, "not_authenticated"};
inline constexpr Reason kInvalidToken{ErrorCode::kUnauthenticated, "invalid_token"};
inline constexpr Reason kTokenExpired{ErrorCode::kUnauthenticated, "token_expired"};
inline constexpr Reason kInvalidCredentials{ErrorCode::kUnauthenticated, "invalid_credentials"};
inline constexpr Reason kInvalidRefreshToken{ErrorCode::kUnauthenticated, "invalid_refresh_token"};
inline constexpr Reason kWrongCurrentPassword{ErrorCode::kRejected, "wrong_current_password"};
inline constexpr Reason kInactiveUser{ErrorCode::kRejected, "inactive_user"};
inline constexpr Reason kTooManyLogins{ErrorCode::kRateLimited, "too_many_login_attempts"};

// Rooms and members
inline constexpr Reason kInvalidRoomId{ErrorCode::kRejected, "invalid_room_id"};
inline constexpr Reason kRoomNotFound{ErrorCode::kNotFound, "room_not_found"};
inline constexpr Reason kNotOwner{ErrorCode::kForbidden, "not_room_owner"};
inline constexpr Reason kRemovedFromRoom{ErrorCode::kForbidden, "removed_from_room"};
inline constexpr Reason kOwnerCannotLeave{ErrorCode::kRejected, "owner_cannot_leave"};
inline constexpr Reason kOwnerCannotBeRemoved{ErrorCode::kRejected, "owner_cannot_be_removed"};
inline constexpr Reason kNotMember{ErrorCode::kRejected, "not_a_member"};
inline constexpr Reason kMemberNotFound{ErrorCode::kNotFound, "member_not_found"};

// Messages, files, sockets
inline constexpr Reason kEmptyMessage{ErrorCode::kInvalid, "empty_message"};
inline constexpr Reason kMessageTooLong{ErrorCode::kInvalid, "message_too_long"};
inline constexpr Reason kInvalidText{ErrorCode::kInvalid, "invalid_text"};
inline constexpr Reason kInvalidClientId{ErrorCode::kInvalid, "invalid_client_id"};
inline constexpr Reason kClientIdConflict{ErrorCode::kConflict, "client_id_conflict"};
inline constexpr Reason kFileNotFound{ErrorCode::kNotFound, "file_not_found"};
inline constexpr Reason kNotUploader{ErrorCode::kForbidden, "not_uploader"};
inline constexpr Reason kLinkExpired{ErrorCode::kNotFound, "link_expired"};
inline constexpr Reason kEmptyFile{ErrorCode::kRejected, "empty_file"};
inline constexpr Reason kFileTooLarge{ErrorCode::kTooLarge, "file_too_large"};
inline constexpr Reason kQuotaExceeded{ErrorCode::kTooLarge, "quota_exceeded"};
inline constexpr Reason kTooManyFiles{ErrorCode::kRejected, "too_many_files"};
inline constexpr Reason kTypeNotAllowed{ErrorCode::kRejected, "file_type_not_allowed"};
inline constexpr Reason kTypeMismatch{ErrorCode::kRejected, "file_type_mismatch"};
inline constexpr Reason kFileInfected{ErrorCode::kRejected, "file_infected"};
inline constexpr Reason kScannerUnavailable{ErrorCode::kUnavailable, "scanner_unavailable"};
inline constexpr Reason kNoThumbnail{ErrorCode::kNotFound, "thumbnail_not_available"};
inline constexpr Reason kMalformedForm{ErrorCode::kRejected, "malformed_form"};
inline constexpr Reason kRangeNotSatisfiable{ErrorCode::kRejected, "range_not_satisfiable"};
inline constexpr Reason kInvalidJson{ErrorCode::kInvalid, "invalid_json"};
inline constexpr Reason kUnknownEvent{ErrorCode::kInvalid, "unknown_event_type"};
inline constexpr Reason kTextFramesOnly{ErrorCode::kUnsupported, "text_frames_only"};
inline constexpr Reason kTooManySubscriptions{ErrorCode::kRejected, "too_many_subscriptions"};
inline constexpr Reason kSlowConsumer{ErrorCode::kUnavailable, "slow_consumer"};
inline constexpr Reason kLoginEnded{ErrorCode::kUnauthenticated, "login_ended"};
inline constexpr Reason kRoomGone{ErrorCode::kNotFound, "room_gone"};

inline constexpr std::array kAll{
    kValidation,
    kMalformedRequest,
    kPathNotFound,
    kMethodNotAllowed,
    kBodyTooLarge,
    kHeadersTooLarge,
    kRequestTimeout,
    kUpgradeRequired,
    kRateLimited,
    kOverloaded,
    kShuttingDown,
    kStorageUnavailable,
    kStorageFull,
    kInternal,
    kEmailTaken,
    kUsernameTaken,
    kUserNotFound,
    kNotAuthenticated,
    kInvalidToken,
    kTokenExpired,
    kInvalidCredentials,
    kInvalidRefreshToken,
    kWrongCurrentPassword,
    kInactiveUser,
    kTooManyLogins,
    kInvalidRoomId,
    kRoomNotFound,
    kNotOwner,
    kRemovedFromRoom,
    kOwnerCannotLeave,
    kOwnerCannotBeRemoved,
    kNotMember,
    kMemberNotFound,
    kEmptyMessage,
    kMessageTooLong,
    kInvalidText,
    kInvalidClientId,
    kClientIdConflict,
    kFileNotFound,
    kNotUploader,
    kLinkExpired,
    kEmptyFile,
    kFileTooLarge,
    kQuotaExceeded,
    kTooManyFiles,
    kTypeNotAllowed,
    kTypeMismatch,
    kFileInfected,
    kScannerUnavailable,
    kNoThumbnail,
    kMalformedForm,
    kRangeNotSatisfiable,
    kInvalidJson,
    kUnknownEvent,
    kTextFramesOnly,
    kTooManySubscriptions,
    kSlowConsumer,
    kLoginEnded,
    kRoomGone,
};

}  // namespace izpo::reason
