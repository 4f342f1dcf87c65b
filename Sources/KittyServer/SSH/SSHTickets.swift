import POSIX
import Sodium
import Synchronization

/// Tickets with which a program that sshd starts gets its session: each works once, for ten seconds, and only in the
/// connection that it was made for, even when another program reads it from the list of processes.
final class SSHTickets: Sendable {
  /// A key that sshd has verified.
  struct Key: Hashable, Sendable {
    /// The type and the base64 of the public key.
    let line: String
    /// `true` when it belongs to an account.
    let isKnown: Bool
    /// The setting `SIGN_UP` of the server.
    let signUp: String
  }

  private struct Ticket: Sendable {
    let key: Key
    /// The process of sshd for the connection.
    let connection: ProcessIdentity
    let expires: ContinuousClock.Instant
  }

  private let tickets = Mutex<[String: Ticket]>([:])
  /// Returns `true` while a process runs.
  private let isAlive: @Sendable (ProcessIdentity) -> Bool

  init(
    isAlive: @escaping @Sendable (ProcessIdentity) -> Bool = { ProcessStatus(of: $0.id)?.identity == $0 }
  ) { self.isAlive = isAlive }

  /// The time in which a ticket must be used.
  static let lifetime: Duration = .seconds(10)
  /// Maximum number of tickets: sshd allows far fewer connections that are not signed in.
  static let limit = 1000

  /// Makes a ticket. A connection has one at most: sshd asks again for the key with which it lets a client in.
  /// - Returns: `nil` when there are too many.
  func issue(
    _ key: Key, to connection: ProcessIdentity, at now: ContinuousClock.Instant = .now
  ) throws(SodiumFailure) -> String? {
    // Hexadecimal: it is an argument, which must not begin with "-".
    let text = hex(try randomBytes(count: 24))
    return tickets.withLock { tickets in
      tickets = tickets.filter { $0.value.expires > now && $0.value.connection != connection }
      // Connections that offered a key and have ended must not keep others out.
      if tickets.count >= Self.limit { tickets = tickets.filter { isAlive($0.value.connection) } }
      guard tickets.count < Self.limit else { return nil }
      tickets[Self.hash(text)] = Ticket(
        key: key, connection: connection, expires: now.advanced(by: Self.lifetime))
      return text
    }
  }

  /// Uses a ticket up.
  /// - Parameter ancestors: Those of the process that has the ticket.
  /// - Returns: The key and its connection; `nil` when the ticket is unknown, used or expired, or belongs to another
  ///   connection.
  func redeem(
    _ text: String, ancestors: [ProcessIdentity], at now: ContinuousClock.Instant = .now
  ) -> (key: Key, connection: ProcessIdentity)? {
    tickets.withLock { tickets in
      let hash = Self.hash(text)
      // A ticket that another connection tries stays for its own one.
      guard let ticket = tickets[hash], ancestors.contains(ticket.connection) else { return nil }
      tickets[hash] = nil
      return ticket.expires > now ? (ticket.key, ticket.connection) : nil
    }
  }

  /// The secret is looked up by its hash, so that the time tells nothing of it.
  private static func hash(_ text: String) -> String { hex(SHA256.hash(Array(text.utf8))) }
}
