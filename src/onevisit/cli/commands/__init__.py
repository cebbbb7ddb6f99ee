"""The commands by subject: what each is called and takes; what it does lies beside this folder."""
