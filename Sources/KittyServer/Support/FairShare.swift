import Synchronization

/// A supply that all users share, such as places or bytes: one user can have a part of it at a time. It never waits.
final class FairShare<Key: Hashable & Sendable>: Sendable {
  private struct State: Sendable {
    var taken = 0
    var byKey: [Key: Int] = [:]
  }

  /// The reason for which nothing was taken.
  enum Refusal: Error {
    /// The part of this user is taken.
    case ownPart
    /// The whole supply is taken.
    case whole
  }

  /// The largest amount that can be taken by all users together.
  let limit: Int
  /// The largest amount that one user can take.
  let each: Int
  /// The number of refusals.
  let refused: Counter
  private let state = Mutex(State())

  /// - Parameter refused: Counts the refusals.
  init(limit: Int, each: Int, refused: Counter = Counter()) {
    self.refused = refused
    self.limit = limit
    self.each = each
  }

  /// The amount that is taken.
  var taken: Int { state.withLock { $0.taken } }

  /// Takes an amount, which the caller must give back.
  /// - Throws: `Refusal`; then nothing was taken.
  func take(_ amount: Int = 1, for key: Key) throws(Refusal) {
    let refusal: Refusal? = state.withLock { state in
      let own = state.byKey[key] ?? 0
      if own + amount > each { return .ownPart }
      if state.taken + amount > limit { return .whole }
      state.taken += amount
      state.byKey[key] = own + amount
      return nil
    }
    guard let refusal else { return }
    refused.add()
    throw refusal
  }

  /// A part of the supply, which is given back when the last reference to it ends.
  final class Hold: Sendable {
    private let share: FairShare
    private let key: Key

    fileprivate init(_ share: FairShare, _ key: Key) { (self.share, self.key) = (share, key) }
    deinit { share.giveBack(of: key) }
  }

  /// Takes one piece for as long as the `Hold` lives: for a response whose body may be sent, or never be.
  /// - Throws: `Refusal`.
  func hold(for key: Key) throws(Refusal) -> Hold {
    try take(for: key)
    return Hold(self, key)
  }

  /// Gives an amount back.
  func giveBack(_ amount: Int = 1, of key: Key) {
    state.withLock { state in
      state.taken -= amount
      let own = (state.byKey[key] ?? 0) - amount
      state.byKey[key] = own > 0 ? own : nil
    }
  }
}
