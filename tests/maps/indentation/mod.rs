//! What do indentation grids and classes of maps say, and what is left out with which reason?

mod classes;
mod noise;
mod pyramids;
mod study;
mod wrong;
