import KittyShared

/// The last failure of a request, for a person who asks what went wrong.
struct LastError: Sendable {
  let words: SafeText
  /// The id of the request. The server's log has it too.
  let request: SafeText?
  let at: ContinuousClock.Instant

  /// Returns the failure and its age as a sentence. The id comes first, since a small window cuts the end.
  func text(at now: ContinuousClock.Instant) -> SafeText {
    let seconds = Int(max(.zero, now - at).components.seconds)
    let age: SafeText = seconds < 60 ? "\(seconds) s ago" : "\(seconds / 60) min ago"
    let id: SafeText = if let request { "Request \(request)" } else { "No request reached the server" }
    return "\(id), \(age): \(words)"
  }
}

extension AppState {
  /// Notes the failure of an effect.
  mutating func noteError(_ failure: ClientFailure, of effect: Effect) {
    switch failure {
    case .busy, .cancelled, .savedBefore, .madeBefore: return
    case .problem, .offline, .unreadable, .uncertain: break
    }
    var request: String?
    if case .problem(let problem) = failure { request = problem.requestId }
    if let sent, sent.effect == effect { request = request ?? sent.id }
    // A form that was refused before it was sent has no request.
    lastError = LastError(
      words: SafeText(failure.message), request: request.map { SafeText($0) }, at: context.now)
  }

  /// Shows the last failure until the next screen, for half a minute at most. The same key then opens all messages.
  mutating func showLastError() -> [Effect] {
    // No screen opens above a sign-in.
    if let toast, toast.isLastError, context.now < toast.until, top.signInReason == nil {
      return perform([.push(roots.messages(messages))], of: screens.count - 1)
    }
    let text =
      lastError?.text(at: context.now)
      ?? "No request has failed. \(key: .lastError, "^Y") again: all messages."
    toast = Toast(text: text, until: context.now + .seconds(30), isLastError: true)
    return []
  }
}
