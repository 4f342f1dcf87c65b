import Foundation

/// A mail in plain text.
package struct Mail: Sendable, Equatable {
  /// Name and address of the sender.
  package var from: (name: String, address: String)
  /// Address of the recipient.
  package var to: String
  /// One line of ASCII.
  package var subject: String
  /// The body, with `\n` between lines.
  package var text: String

  package init(from: (name: String, address: String), to: String, subject: String, text: String) {
    self.from = from
    self.to = to
    self.subject = subject
    self.text = text
  }

  package static func == (left: Mail, right: Mail) -> Bool {
    left.from == right.from && left.to == right.to && left.subject == right.subject && left.text == right.text
  }

  /// Returns the message in the format of RFC 5322.
  /// - Throws: `MailFailure.invalid` for text that could be read as another header or line.
  func bytes(date: Date, id: String) throws(MailFailure) -> [UInt8] {
    for line in [from.name, from.address, to, subject] {
      guard line.utf8.count <= 500, line.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw .invalid
      }
    }
    guard !from.name.contains("\""), !from.name.contains("\\"), !to.isEmpty,
      [from.address, to].allSatisfy({ !$0.contains(where: " <>,\"".contains) })
    else { throw .invalid }
    let dates = DateFormatter()
    dates.locale = Locale(identifier: "en_US_POSIX")
    dates.timeZone = TimeZone(secondsFromGMT: 0)
    dates.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
    let domain = from.address.split(separator: "@").last ?? "localhost"
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.allSatisfy({ $0.utf8.count <= 998 && !$0.utf8.contains(13) && !$0.utf8.contains(0) }) else {
      throw .invalid
    }
    let header = [
      "Date: \(dates.string(from: date))", "From: \"\(from.name)\" <\(from.address)>", "To: <\(to)>",
      "Message-ID: <\(id)@\(domain)>", "Subject: \(subject)", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
      // Asks for no automatic replies, such as vacation notices (RFC 3834).
      "Auto-Submitted: auto-generated", "",
    ]
    return Array((header + lines.map(String.init)).joined(separator: "\r\n").utf8) + [13, 10]
  }
}

/// A mail that was not delivered, with the line of the mail server. That one may name the recipient, so it is not in
/// `MailFailure`, which is logged.
package struct MailRefusal: Error, Sendable {
  package let failure: MailFailure
  /// The reply that refused the mail, such as `550 5.1.1 User unknown`; `nil` when there was no such reply.
  package let reply: String?
}

/// The reason why a mail was not delivered to the mail server.
package enum MailFailure: Error, Sendable, Equatable {
  /// The URL of the server is not valid.
  case invalidURL
  /// The mail has an address or a line that cannot be sent.
  case invalid
  /// The server rejected the mail, or cannot be reached.
  case notAccepted(String)
  /// The task was cancelled.
  case cancelled
}
