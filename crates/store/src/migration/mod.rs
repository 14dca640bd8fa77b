//! The three migration sets and how they are applied.
