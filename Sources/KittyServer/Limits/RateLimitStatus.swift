import KittyShared

/// The state of a sender's limit after a request was counted.
struct RateLimitStatus: Sendable, Equatable {
  /// The name and the size of the limit, in the form of `RateLimit-Policy`.
  let policy: String
  /// The name of the limit, in the form of `RateLimit`.
  let quotedName: String
  let limit: Int
  /// The length of the window in seconds.
  let window: Int
  /// The number of requests that are left.
  let remaining: Int
  /// Seconds until the next request is within the limit, or, when there are some left, until the next fixed window.
  let reset: Int
  /// `true` when this request is beyond the limit.
  let isExceeded: Bool
}

extension RateLimitStatus {
  /// The refusal of a request beyond the limit.
  var rejection: Rejection {
    Rejection(
      .rateLimited, "too_many_requests", "Too many requests",
      "At most \(limit) requests in \(window) seconds are allowed. Nothing was done; try again in \(reset) seconds.",
      retryAfter: reset)
  }
}
