/// Prints the progress of a long command on standard error, every five seconds.
final class ProgressReporter {
  private var next = ContinuousClock.now + .seconds(5)

  func report(_ sentence: @autoclosure () -> String) {
    guard ContinuousClock.now >= next else { return }
    StandardError.write(sentence())
    next = .now + .seconds(5)
  }
}
