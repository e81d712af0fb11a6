//! Images of scanning probe microscopes: Nanonis, Nanosurf, NT-MDT, WSxM, Digital Surf.
