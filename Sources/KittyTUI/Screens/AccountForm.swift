import KittyShared

/// A form that changes the account on top of the version that it was opened with. If the user changed it from another
/// device meanwhile, the input stays: the form reads the present account and continues on top of it.
protocol AccountForm: EffectForm {
  var user: User { get }
  /// Takes over the present account. A field that the user has not touched follows it.
  /// - Returns: The names of the fields that both have changed.
  mutating func rebase(on user: User) -> [SafeText]
}

extension AccountForm {
  /// Handles the end of the change, and a stale version.
  /// - Parameter done: The actions after the change.
  mutating func receiveAccount(_ message: Message, done: [Action]) -> [Action] {
    switch message {
    case .you(.changed) where pending != nil: return done
    case .failed(let effect, .problem(let problem))
    where effect == pending && effect != .loadAccount && problem.isStale:
      pending = .loadAccount
      form.clearErrors()
      form.error = "Your account was changed meanwhile. Reading it again…"
      return [.run(.loadAccount)]
    case .account(let present) where pending == .loadAccount:
      pending = nil
      form.clearErrors()
      let both = rebase(on: present)
      form.error =
        both.isEmpty
        ? "Not saved: your account was changed elsewhere meanwhile. \(key: .submit, "^S") saves your change too."
        : "Not saved: \(both.joined(", ")) changed elsewhere meanwhile. \(key: .submit, "^S") saves what you wrote."
    default: _ = failure(in: message)
    }
    return []
  }
}
