"""The graph in other shapes: XMILE for other engines, a book of equations, and diagrams of stocks and flows."""
