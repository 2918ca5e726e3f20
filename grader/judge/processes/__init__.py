"""The processes that a judge asks: how they are started, asked, and what is believed of them."""
