//! Text of nanoindenters and force microscopes.
