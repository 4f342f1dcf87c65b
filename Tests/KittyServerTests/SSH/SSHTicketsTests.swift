import POSIX
import Testing

@testable import KittyServer

/// Tickets of the ssh gateway: once, soon, and only in their connection.
@Suite struct SSHTicketsTests {
  private let key = SSHTickets.Key(line: "ssh-ed25519 AAAA", isKnown: true, signUp: "open")
  private let connection = ProcessIdentity(id: 100, start: 7)
  private let other = ProcessIdentity(id: 200, start: 8)

  @Test func ticketWorksOnce() throws {
    let tickets = SSHTickets()
    let ticket = try #require(try tickets.issue(key, to: connection))
    // It is an argument of a program.
    #expect(ticket.count == 48 && ticket.allSatisfy(\.isHexDigit))
    let used = tickets.redeem(ticket, ancestors: [ProcessIdentity(id: 150, start: 9), connection])
    #expect(used?.key == key && used?.connection == connection)
    #expect(tickets.redeem(ticket, ancestors: [connection]) == nil)
  }

  @Test func ticketEndsAfterTenSeconds() throws {
    let tickets = SSHTickets()
    let now = ContinuousClock.now
    let (early, late) = (
      try #require(try tickets.issue(key, to: connection, at: now)),
      try #require(try tickets.issue(key, to: other, at: now))
    )
    #expect(tickets.redeem(early, ancestors: [connection], at: now + .milliseconds(9999)) != nil)
    #expect(tickets.redeem(late, ancestors: [other], at: now + .seconds(10)) == nil)
  }

  /// Another session of the same account, which reads the ticket in the list of processes, has another sshd above it; so
  /// has a later process of sshd with the same number. Their attempts leave the ticket to its own connection.
  @Test func ticketIsWorthlessElsewhere() throws {
    let tickets = SSHTickets()
    let ticket = try #require(try tickets.issue(key, to: connection))
    #expect(tickets.redeem(ticket, ancestors: [other, ProcessIdentity(id: 1, start: 1)]) == nil)
    #expect(tickets.redeem(ticket, ancestors: [ProcessIdentity(id: 100, start: 8)]) == nil)
    #expect(tickets.redeem(ticket, ancestors: []) == nil)
    #expect(tickets.redeem(ticket + "x", ancestors: [connection]) == nil)
    #expect(tickets.redeem(ticket, ancestors: [connection]) != nil)
  }

  @Test func connectionHasOneTicketAndTheGatewayAThousand() throws {
    let tickets = SSHTickets { _ in true }
    let now = ContinuousClock.now
    let first = try #require(try tickets.issue(key, to: connection, at: now))
    let second = try #require(try tickets.issue(key, to: connection, at: now))
    #expect(tickets.redeem(first, ancestors: [connection], at: now) == nil)
    #expect(tickets.redeem(second, ancestors: [connection], at: now) != nil)
    for number in 0..<SSHTickets.limit {
      #expect(try tickets.issue(key, to: ProcessIdentity(id: Int32(number), start: 1), at: now) != nil)
    }
    #expect(try tickets.issue(key, to: connection, at: now) == nil)
    #expect(try tickets.issue(key, to: connection, at: now + SSHTickets.lifetime) != nil)
  }

  @Test func endedConnectionsMakeRoom() throws {
    let tickets = SSHTickets { $0.id < 10 }
    let now = ContinuousClock.now
    var kept = ""
    for number in 0..<SSHTickets.limit {
      let ticket = try #require(
        try tickets.issue(key, to: ProcessIdentity(id: Int32(number), start: 1), at: now))
      if number == 3 { kept = ticket }
    }
    #expect(try tickets.issue(key, to: ProcessIdentity(id: 5000, start: 1), at: now) != nil)
    #expect(tickets.redeem(kept, ancestors: [ProcessIdentity(id: 3, start: 1)], at: now) != nil)
  }
}
