//! The embedded neural voice: from written English to sound with word timings, without Python and without a network.
