"""A sentence before it is sent: does it belong to this shop, is it true of this shop, may it be said at all?"""
