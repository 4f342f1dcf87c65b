import KittyShared

/// A source of randomness that gives the same numbers for the same seed (SplitMix64, Steele et al. 2014).
package struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  /// Starts with a seed.
  package init(_ seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// An id of any instant.
  package mutating func id() -> ID {
    ID(at: Instant(milliseconds: Int64.random(in: 1...1_800_000_000_000, using: &self)), using: &self)
  }
}
