/// The work of an effect. Each resource has its calls in one file, such as `EffectCall+Groups.swift`.
struct EffectCall: Sendable {
  /// `true` when the effect writes: then it is never repeated automatically.
  let isWrite: Bool
  let run: @Sendable (EffectRunner) async throws(ClientFailure) -> Message

  /// No work.
  static let nothing = EffectCall.read { (_) throws(ClientFailure) in throw .cancelled }

  static func read(
    _ run: @escaping @Sendable (EffectRunner) async throws(ClientFailure) -> Message
  ) -> EffectCall { EffectCall(isWrite: false, run: run) }

  static func write(
    _ run: @escaping @Sendable (EffectRunner) async throws(ClientFailure) -> Message
  ) -> EffectCall { EffectCall(isWrite: true, run: run) }
}
